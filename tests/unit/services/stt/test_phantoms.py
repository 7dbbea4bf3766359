"""What Whisper invents over silence is told from what people say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_services.stt.phantoms import is_phantom

NEVER_SAID = {
    "en": (
        *("Thank you for watching!", "Thanks for watching", "Thank you so much for watching."),
        *("Thanks for watching this video.", "Subtitles by the Amara.org community"),
        *("Please subscribe to my channel.", "Transcription by CastingWords", "www.mooji.org"),
        *("Don't forget to like and subscribe!", "See you in the next video.", "Amara.org"),
    ),
    "de": (
        *("Untertitelung des ZDF, 2020", "Untertitel der Amara.org-Community"),
        *("Untertitel im Auftrag des ZDF für funk, 2017", "Untertitel von Stephanie Geiges"),
        *("Vielen Dank fürs Zuschauen!", "Vielen Dank für's Zuschauen.", "Copyright WDR 2021"),
        *("SWR 2020", "Untertitelung. BR 2018"),
    ),
    "fr": (
        *("Sous-titres réalisés para la communauté d'Amara.org", "Sous-titrage ST' 501"),
        *("Sous-titrage Société Radio-Canada", "Merci d'avoir regardé cette vidéo !"),
        *("Abonnez-vous !", "❤️ par SousTitreur.com"),
    ),
    "es": (
        *("¡Subtítulos realizados por la comunidad de Amara.org!", "¡Gracias por ver el vídeo!"),
        *("Subtitulado por la comunidad de Amara.org", "¡Suscríbete al canal!"),
    ),
    "it": (
        *("Sottotitoli creati dalla comunità Amara.org", "Grazie per aver guardato il video!"),
        *("Sottotitoli e revisione a cura di QTSS", "Iscriviti al canale."),
    ),
    "nl": (
        *("Ondertiteld door de Amara.org gemeenschap", "Bedankt voor het kijken!"),
        *("Ondertitels ingediend door de Amara.org gemeenschap", "TV Gelderland 2021"),
    ),
    "pt": (
        *("Legendas pela comunidade Amara.org", "Obrigado por assistir!"),
        "Inscreva-se no canal.",
    ),
    "pl": (
        *("Napisy stworzone przez społeczność Amara.org", "Dziękuję za oglądanie."),
        "Zdjęcia i napisy stworzone przez społeczność Amara.org",
    ),
    "ja": ("ご視聴ありがとうございました",),
    "zh": ("请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", "字幕由Amara.org社区提供"),
    "ru": ("Продолжение следует...", "Субтитры сделал DimaTorzok"),
}
SOUNDS = (
    *("[BLANK_AUDIO]", "(music)", "*music*", "[Music]", "♪", "♪♪♪", "♪ la la ♪", "【音楽】"),
    *(".", "...", " - ", "[Music] (applause)", ""),
)
SOMETIMES_SAID = {
    "en": ("you", "You.", "Thank you.", "Bye.", "Bye-bye!", "Thank you. Thank you. Bye."),
    "de": ("Vielen Dank.", "Tschüss!", "Thank you."),
    "fr": ("Merci.", "Au revoir."),
    "es": ("Gracias.",),
    "it": ("Grazie a tutti.", "Ciao!"),
    "nl": ("Tot ziens.",),
    "pt": ("Obrigado.",),
    "pl": ("Dziękuję.",),
}
SPEECH = {
    "en": (
        *("turn on the light", "Thank you, turn on the light.", "stop", "yes", "no", "okay"),
        *("(music) turn on the light", "Set it to 50%.", "Play music.", "What is Amara?"),
        *("Turn off the light. Thanks for watching!", "Turn on the subtitles by the way."),
        "Watch the video.",
    ),
    "de": (
        "Schalte die Untertitel ein.",
        "Untertitel der Serie einschalten.",
        "Danke, mach das Licht aus.",
        "Spiele SWR 3.",
    ),
    "fr": ("Mets les sous-titres.", "Sous-titres français."),
    "es": ("Subtítulos, por favor.", "Subtítulos en español."),
    "it": ("Attiva i sottotitoli.", "Ciao, accendi la luce."),
    "nl": ("Zet de ondertiteling aan.",),
    "pt": ("Legendas por favor.",),
    "pl": ("Włącz napisy.",),
}


def by_language(texts: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Return each text with its language."""
    return [(language, text) for language, group in texts.items() for text in group]


@pytest.mark.parametrize(("language", "text"), by_language(NEVER_SAID))
def test_what_nobody_says_is_always_invented(language: str, text: str) -> None:
    """In whatever language is spoken."""
    assert is_phantom(text, language)
    assert is_phantom(text, f"{language}-XX")
    assert is_phantom(text, None)
    assert is_phantom(text.upper(), "sv")


@pytest.mark.parametrize("text", SOUNDS)
def test_notes_of_sounds_are_not_speech(text: str) -> None:
    """Nor is punctuation alone."""
    assert is_phantom(text, "en")


@pytest.mark.parametrize(("language", "text"), by_language(SOMETIMES_SAID))
def test_what_people_do_say_is_invented_only_where_speech_is_doubtful(
    language: str, text: str
) -> None:
    """The caller knows whether anything was heard."""
    assert not is_phantom(text, language)
    assert is_phantom(text, language, unsure=True)


@pytest.mark.parametrize(("language", "text"), by_language(SPEECH))
def test_commands_are_never_invented(language: str, text: str) -> None:
    """Be they about subtitles, or beside something invented."""
    assert not is_phantom(text, language)
    assert not is_phantom(text, language, unsure=True)


def test_another_language_s_words_are_speech() -> None:
    """Only the English ones are written in all languages."""
    assert not is_phantom("Merci.", "de", unsure=True)
    assert is_phantom("Thank you.", "de", unsure=True)


def test_a_goodbye_beside_what_nobody_says_is_invented_too() -> None:
    """Videos end so."""
    assert is_phantom("Thank you for watching! Bye.", "en")


@given(text=st.text(), language=st.none() | st.text(max_size=5))
def test_any_text_is_judged(text: str, language: str | None) -> None:
    """And what is invented where speech is sure is so where it is doubtful."""
    assert is_phantom(text, language, unsure=True) >= is_phantom(text, language)
