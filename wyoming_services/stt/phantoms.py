r"""Sentences that Whisper writes where nobody speaks. Pure.

Whisper learned from subtitles. Over silence or noise it writes what these said while nobody spoke:
who made them, goodbyes of videos, notes of sounds. Which sentences these are is known:

- credits, collected by language: https://github.com/openai/whisper/discussions/928,
  https://github.com/ggml-org/whisper.cpp/issues/2660 (French),
  https://github.com/JSchmie/ScrAIbe, `scraibe/hallucinations.py`;
- goodbyes and requests to subscribe, and single words such as "you": M. Barański and others,
  "Investigation of Whisper ASR Hallucinations Induced by Non-Speech Audio", arXiv 2501.11378;
  https://github.com/zachlatta/freeflow/issues/111, https://github.com/Vexa-ai/vexa/issues/617;
- notes of sounds: https://github.com/ggml-org/whisper.cpp/issues/2363.
"""

import re
import unicodedata
from collections.abc import Mapping

_NOTE = re.compile(r"\[[^\]]*\]|\([^)]*\)|【[^】]*】|\*[^*]*\*|♪[^♪]*♪")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|[\n♪]+")  # noqa: RUF001 - what Japanese ends with
_WORD = re.compile(r"\w+")

_CREDITS = (
    r".*amara ?org.*",
    r"(subtitles|captions|subtitled|transcri(ption|bed)|translat(ion|ed)) by .*",
    r"untertitel(ung)? (im auftrag )?(des|der) (zdf|ard|wdr|swr|ndr|mdr|br)( .*)?",
    r"untertitel von stephanie geiges",
    r"untertitelung( \w+ \d{4})?",
    r"(copyright )?(wdr|swr|zdf|ndr|mdr|br)( für funk)? \d{4}",
    r"sous titr(es|age) (réalisés|faits?|soumis) .*",
    r"sous titrage (st 501|société radio canada)",
    r".*soustitreur com",
    r"subt[ií]tul(os|ado) (realizados|creados|hechos) por .*",
    r"sottotitoli (creati|a cura|e revisione) .*",
    r"(ondertitel(s|d|ing)|vertaald)( ingediend)? door .*",
    r"tv gelderland \d{4}",
    r"(transcrição e )?legendas pela comunidade .*",
    r"(\w+ i )?(napisy|tłumaczenie) (stworzone|wykonane|robione|przygotowane) przez .*",
    r"(субтитры|редактор субтитров) .*",
    r"altyaz. m k",
    r"(.* )?www (mooji org|alimmenta com|multi moto eu)",
)
"""Who made the subtitles; written in whatever language is spoken."""
_GOODBYES = (
    r"(thank you|thanks)( so much| very much)? for (watch|view|listen)ing( \w+ video)?",
    r"(please |don t forget to )?(like and )?subscribe( to (my|our|the|this) channel)?",
    r"(i ll )?see you (guys )?in the next (video|one)",
    r"(vielen dank|danke) (fürs|für s|für das) (zuschauen|zusehen|zuhören)",
    r"(bis zum|wir sehen uns im) nächsten video",
    r"abonnier(t|e) (den|meinen|unseren|diesen) kanal",
    r"merci d avoir regardé( cette| la)?( vidéo)?",
    r"(n oubliez pas de vous abonner|abonnez vous)( à (la|ma|notre) chaîne)?",
    r"gracias por ver(nos| (el|este) v[ií]deo)?",
    r"(suscríbete|suscríbanse)( al canal| a mi canal)?",
    r"grazie per (la visione|aver (guardato|visto)( (il|questo) video)?)",
    r"iscriviti al (mio |nostro )?canale",
    r"bedankt voor het (kijken|bekijken)",
    r"abonneer je op (het|mijn|ons) kanaal",
    r"obrigad[oa] por (assistir(em)?|ver)( .* vídeo)?",
    r"inscreva se no (meu |nosso )?canal",
    r"(dziękuj[ęe]|dzięki) za (oglądanie|obejrzenie|uwagę)",
    r"(zapraszam do )?subskryb(uj|owania) (kanał|kanału)",
    r"спасибо за просмотр|продолжение следует|подписывайтесь на (мой )?канал",
    r"izlediğiniz için teşekkür(ler| ederim)|abone olmay. unutmay.n",
    r"ご視聴ありがとうござい(ました|ます)",
    r"(请不吝点赞 ?)?订阅 ?转发 ?打赏支持明镜与点点栏目|谢谢观看|謝謝觀看",
    r"시청해 ?주셔서 감사합니다",
)
"""How videos end."""
_NEVER_SAID = re.compile("|".join(_CREDITS + _GOODBYES))
"""What nobody says to an assistant."""

_SOMETIMES_SAID: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        {
            *("you", "the", "so", "oh", "uh", "um", "hmm", "thanks", "thank you"),
            *("thank you very much", "thank you so much", "bye", "bye bye", "goodbye"),
            *("see you", "see you next time"),
        }
    ),
    "de": frozenset(
        {"danke", "vielen dank", "danke schön", "tschüss", "bis zum nächsten mal", "bis dann"}
    ),
    "fr": frozenset({"merci", "merci beaucoup", "au revoir", "à bientôt"}),
    "es": frozenset({"gracias", "muchas gracias", "adiós", "hasta la próxima"}),
    "it": frozenset(
        {"grazie", "grazie mille", "grazie a tutti", "ciao", "ciao a tutti", "arrivederci", "prego"}
    ),
    "nl": frozenset({"bedankt", "dank je wel", "dank u wel", "tot ziens", "tot de volgende keer"}),
    "pt": frozenset({"obrigado", "obrigada", "tchau", "até a próxima", "e aí"}),
    "pl": frozenset({"dziękuję", "dziękuje", "dzięki", "do widzenia", "cześć"}),
}
"""What is invented as often as said. Whisper writes the English ones in other languages, too."""


def is_phantom(text: str, language: str | None, *, unsure: bool = False) -> bool:
    """Tell whether Whisper invented a text.

    Args:
        text: a whole transcript; it is a phantom when every sentence of it is.
        language: code of what was spoken.
        unsure: there may have been no speech at all, by what else is known: then what is sometimes
            said, "thank you" or "you", counts as invented, too.
    """
    sentences = [_plain(part) for part in _SENTENCE_END.split(_NOTE.sub(" ", text))]
    said = [sentence for sentence in sentences if sentence]
    doubtful = [sentence for sentence in said if not _NEVER_SAID.fullmatch(sentence)]
    if len(doubtful) == len(said) > 0 and not unsure:
        return False
    code = re.split("[-_]", language or "", maxsplit=1)[0].casefold()
    known = _SOMETIMES_SAID["en"] | _SOMETIMES_SAID.get(code, frozenset())
    return known.issuperset(doubtful)


def _plain(text: str) -> str:
    """Return the words of a text without case and punctuation."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFC", text).casefold()))
