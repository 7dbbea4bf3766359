"""What people say to their house, whole and begun, by language. None is from the demo grammar."""

FINISHED = {
    "en": """
        Turn on the kitchen light.
        Turn off the lights in the bedroom.
        Turn the fan off.
        Can you switch off the lamp in the office, please?
        Set the kitchen lights to 50%.
        Set it to 50%.
        Dim the bedroom lights to thirty percent.
        Turn the bedroom lights blue.
        Set the living room light to warm white.
        Set the thermostat to 21 degrees.
        Set the heating to 20°C.
        Set the thermostat to twenty one degrees.
        Is the front door locked?
        Is the garage door open?
        Are the bedroom windows closed?
        Is there anyone in the garden?
        What's the temperature in the nursery?
        How warm is it outside?
        What's the weather like tomorrow?
        Will it rain on Saturday?
        What time is it?
        What day is it?
        Set a timer for 5 minutes.
        Set a ten minute timer.
        Set a pasta timer for eight minutes.
        Set a timer for half an hour.
        Cancel the pasta timer.
        How long is left on the timer?
        Remind me to take out the trash tomorrow morning.
        Wake me up at seven on Friday.
        Add oat milk to the shopping list.
        Remove eggs from my list.
        Open the living room curtains.
        Close the blinds in the study.
        Lock the back door.
        Play some jazz in the lounge.
        Turn off the lights in ten minutes.
        Start the dishwasher.
        Vacuum the living room.
        Good night.
        Never mind.
        Stop.
        Thank you.
    """,
    "de": """
        Mach das Licht in der Küche an.
        Schalte die Lampe im Wohnzimmer aus.
        Mach das Küchenlicht aus.
        Kannst du bitte das Licht im Bad ausschalten?
        Das Licht im Flur ausschalten.
        Stell die Heizung im Schlafzimmer auf 21 Grad.
        Dimme das Licht im Wohnzimmer auf fünfzig Prozent.
        Stelle das Licht auf 30%.
        Mach die Lampe im Kinderzimmer blau.
        Ist die Haustür abgeschlossen?
        Ist das Fenster im Bad offen?
        Wie warm ist es im Gästezimmer?
        Wie warm ist es draußen?
        Wie wird das Wetter morgen?
        Wie spät ist es?
        Stell einen Timer auf fünf Minuten.
        Stelle einen Wecker für eine halbe Stunde.
        Stoppe den Pizza-Timer.
        Setz Milch auf die Einkaufsliste.
        Füge Butter zur Einkaufsliste hinzu.
        Öffne die Rollos im Schlafzimmer.
        Fahr die Rollläden im Wohnzimmer runter.
        Schließe das Garagentor.
        Spiele Musik in der Küche.
        Mach das Fenster im Büro zu.
        Starte die Waschmaschine.
        Gute Nacht.
        Guten Morgen.
        Schon gut.
        Stopp.
    """,
    "fr": """
        Allume la lumière de la cuisine.
        Éteins la lampe du salon.
        Peux-tu éteindre la lumière de la chambre, s'il te plaît ?
        Éteins la lumière dans le couloir.
        Mets la lumière du salon à 50 %.
        Règle le chauffage de la chambre sur vingt degrés.
        Mets la lampe du bureau en bleu.
        Ouvre les volets de la chambre.
        Ferme la porte du garage.
        Est-ce que la porte d'entrée est fermée ?
        Quelle est la température dans le salon ?
        Quel temps fera-t-il demain ?
        Quelle heure est-il ?
        Quel jour sommes-nous ?
        Mets un minuteur de dix minutes.
        Ajoute du lait à la liste de courses.
        Mets de la musique dans la cuisine.
        Rappelle-moi de sortir les poubelles demain matin.
        Allume la lumière s'il te plaît.
        Bonne nuit.
        Stop.
    """,
    "es": """
        Enciende la luz de la cocina.
        Apaga las luces del salón.
        ¿Puedes apagar la lámpara del dormitorio, por favor?
        Pon la luz del salón al 50%.
        Pon la calefacción a veintiún grados.
        Pon la lámpara del despacho en azul.
        Abre las persianas del dormitorio.
        Cierra la puerta del garaje.
        ¿Está la puerta principal cerrada?
        ¿Cuál es la temperatura en el salón?
        ¿Qué tiempo hará mañana?
        ¿Lloverá mañana?
        ¿Qué hora es?
        ¿Qué día es?
        Pon un temporizador de diez minutos.
        Añade leche a la lista de la compra.
        Pon música en la cocina.
        Recuérdame sacar la basura mañana por la mañana.
        Buenas noches.
        No importa.
    """,
    "it": """
        Accendi la luce della cucina.
        Spegni le luci in salotto.
        Puoi spegnere la lampada della camera da letto, per favore?
        Imposta la luce del soggiorno al 50%.
        Imposta il termostato a ventuno gradi.
        Metti la lampada dello studio su blu.
        Apri le tapparelle della camera da letto.
        Chiudi la porta del garage.
        La porta d'ingresso è chiusa?
        Qual è la temperatura in cucina?
        Che tempo farà domani?
        Che ore sono?
        Che giorno è?
        Imposta un timer di dieci minuti.
        Aggiungi il latte alla lista della spesa.
        Metti la musica in cucina.
        Ricordami di portare fuori la spazzatura domani mattina.
        Buonanotte.
        Lascia perdere.
    """,
    "nl": """
        Doe het licht in de keuken aan.
        Zet de lamp in de woonkamer uit.
        Kun je het licht in de slaapkamer uitdoen?
        Doe de keukenlamp aan.
        Zet het licht in de woonkamer op 50%.
        Zet de verwarming op eenentwintig graden.
        Maak de lamp in het kantoor blauw.
        Open de gordijnen in de slaapkamer.
        Doe de garagedeur dicht.
        Is de voordeur op slot?
        Wat is de temperatuur in de badkamer?
        Hoe warm is het buiten?
        Wat wordt het weer morgen?
        Hoe laat is het?
        Welke dag is het?
        Zet een timer van tien minuten.
        Zet melk op de boodschappenlijst.
        Voeg eieren toe aan de boodschappenlijst.
        Speel muziek in de keuken.
        Welterusten.
        Laat maar.
    """,
    "pt": """
        Acende a luz da cozinha.
        Apague as luzes da varanda.
        Você pode desligar a luz do quarto, por favor?
        Ligue o ar condicionado do escritório.
        Coloque a luz da sala em 50%.
        Ajuste o termostato para vinte e um graus.
        Mude a luz do quarto para azul.
        Abra as persianas do quarto.
        Feche a porta da garagem.
        A porta da frente está trancada?
        Qual é a temperatura na cozinha?
        Como vai estar o tempo amanhã?
        Que horas são?
        Que dia é?
        Coloque um temporizador de dez minutos.
        Adicione leite à lista de compras.
        Toque música na cozinha.
        Me lembre de tirar o lixo amanhã de manhã.
        Boa noite.
        Deixa pra lá.
    """,
    "pl": """
        Włącz światło w kuchni.
        Wyłącz lampę w salonie.
        Czy możesz zgasić światło w sypialni, proszę?
        Zapal światło na korytarzu.
        Ustaw światło w salonie na 50%.
        Ustaw ogrzewanie na dwadzieścia jeden stopni.
        Ustaw lampę w biurze na niebieski.
        Otwórz rolety w sypialni.
        Zamknij bramę garażową.
        Czy drzwi wejściowe są zamknięte?
        Jaka jest temperatura w kuchni?
        Jaka będzie pogoda jutro?
        Która jest godzina?
        Jaki dzisiaj dzień?
        Ustaw minutnik na dziesięć minut.
        Dodaj mleko do listy zakupów.
        Puść muzykę w kuchni.
        Przypomnij mi o śmieciach jutro rano.
        Dobranoc.
        Nieważne.
    """,
}
"""Whole, and hardly anybody goes on."""

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


def listed(texts: dict[str, str]) -> list[tuple[str, str]]:
    """Return each text with its language."""
    return [
        (language, line.strip())
        for language, block in texts.items()
        for line in block.strip().splitlines()
    ]
