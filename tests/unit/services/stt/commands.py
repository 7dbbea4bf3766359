"""What people say to their house, by language. None is from the demo grammar."""

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


def listed(texts: dict[str, str]) -> list[tuple[str, str]]:
    """Return each text with its language."""
    return [
        (language, line.strip())
        for language, block in texts.items()
        for line in block.strip().splitlines()
    ]
