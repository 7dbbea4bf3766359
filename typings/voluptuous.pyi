# Home Assistant aliases `voluptuous` to its own engine at run time; this tells the type checker the same.
from probatio import *
