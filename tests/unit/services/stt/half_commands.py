"""What people say to their house and may go on with, or have to, by language."""

UNCLEAR = {
    "en": """
        Turn on the light.
        Turn on the lights.
        Turn on the kitchen.
        Set the volume to fifty.
        Set the thermostat to twenty.
        Play some music.
        Open the window.
        Open the garage.
        What's the temperature?
        What is this for?
        Wake me up at seven.
        Tell me something about Mozart.
        Are the blinds open?
        Is the light on?
        Dim the bedroom lights.
        Turn up the heating.
        Cancel the timer.
        How long is left?
    """,
    "de": """
        Spiele Musik.
        Öffne das Fenster.
        Wie wird das Wetter?
        Ist das Licht an?
        Stelle einen Wecker auf sieben Uhr.
        Erzähl mir etwas über Mozart.
        Stell die Heizung auf zwanzig.
    """,
    "fr": """
        Allume la lumière.
        Éteins la lampe.
        Ouvre les volets.
        Quelle est la température ?
        Quel temps fait-il ?
        Annule le minuteur.
    """,
    "es": """
        Enciende la luz.
        Apaga la lámpara.
        Abre las persianas.
        ¿Cuál es la temperatura?
        Cancela el temporizador.
    """,
    "it": """
        Accendi la luce.
        Spegni la lampada.
        Apri le tapparelle.
        Che tempo fa?
        Annulla il timer.
    """,
    "nl": """
        Open de gordijnen.
        Speel muziek.
        Is het licht aan?
        Annuleer de timer.
        Wat is de temperatuur?
        Zet de verwarming op twintig.
    """,
    "pt": """
        Acende a luz.
        Apague a lâmpada.
        Abra as persianas.
        Qual é a temperatura?
        Cancele o temporizador.
    """,
    "pl": """
        Włącz światło.
        Wyłącz lampę.
        Otwórz rolety.
        Jaka jest temperatura?
        Anuluj minutnik.
    """,
}
"""Whole, but people may go on."""

UNFINISHED = {
    "en": """
        Turn
        Turn on
        Turn on the
        Turn off all the
        Turn the kitchen light
        Set the kitchen light
        Set the kitchen light to
        Set the thermostat to...
        Is the
        What is
        What is the temperature in
        What's the weather like in the
        Set a timer for
        Set a timer for five
        Add milk and
        Remind me to
        Put milk on the shopping
        Turn on the light,
        Can you
        Play some jazz in the
        Turn on the light and
    """,
    "de": """
        Schalte
        Schalte das
        Schalte das Licht in der
        Schalte das Licht in der Küche
        Mach die Lampe im Wohnzimmer
        Dreh die Heizung
        Stell die Heizung auf
        Ist das Fenster in der
        Wie warm ist es im
        Stelle einen Timer auf
        Stelle einen Timer auf fünf
        Setz Milch und
        Erinnere mich
        Öffne das Fenster und
        Kannst du
    """,
    "fr": """
        Allume
        Allume la
        Allume la lumière de la
        Allume la lumière dans
        Mets la lumière du salon
        Mets la lumière du salon à
        Règle le chauffage sur
        Est-ce que la
        Quelle est la température dans le
        Quel temps
        Mets un minuteur de
        Mets un minuteur de dix
        Ajoute du lait et
        Ajoute du lait à la
        Rappelle-moi de
        Éteins la lumière et
    """,
    "es": """
        Enciende
        Enciende la
        Enciende la luz de la
        Enciende la luz en
        Pon la luz del salón a
        Pon la calefacción a
        Pon un temporizador de
        Pon un temporizador de diez
        Cierra la puerta del
        ¿Cuál es la temperatura en el
        ¿Qué hora
        Añade leche y
        Añade leche a la
        Recuérdame
        Apaga la luz y
    """,
    "it": """
        Accendi
        Accendi la
        Accendi la luce della
        Accendi la luce in
        Imposta la luce del soggiorno
        Imposta la luce del soggiorno al
        Imposta il termostato a
        Imposta un timer di
        Imposta un timer di dieci
        Chiudi la porta del
        Qual è la temperatura in
        Che ore
        Aggiungi il latte e
        Aggiungi il latte alla
        Ricordami di
    """,
    "nl": """
        Doe
        Doe het
        Doe het licht in de
        Doe het licht in de keuken
        Zet de lamp in de woonkamer
        Zet de verwarming op
        Is de
        Wat is de temperatuur in
        Hoe laat
        Zet een timer van
        Zet een timer van tien
        Zet melk en
        Voeg eieren toe aan de
        Speel muziek in de
        Open de gordijnen en
    """,
    "pt": """
        Acende
        Acende a
        Acende a luz da
        Acende a luz em
        Ajuste o termostato para
        Coloque um temporizador de
        Coloque um temporizador de dez
        Feche a porta da
        Qual é a temperatura na
        Que horas
        Adicione leite e
        Adicione leite à
        Me lembre de
        Apague a luz e
        Você pode
    """,
    "pl": """
        Włącz
        Włącz światło w
        Ustaw światło w salonie na
        Ustaw ogrzewanie na
        Ustaw minutnik na
        Ustaw minutnik na dziesięć
        Czy drzwi wejściowe są
        Jaka jest
        Jaka jest temperatura w
        Która
        Dodaj mleko i
        Dodaj mleko do
        Przypomnij mi
        Wyłącz światło i
        Otwórz rolety w
    """,
}
"""Plainly begun only."""
