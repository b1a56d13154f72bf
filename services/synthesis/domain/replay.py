"""A few general questions with short answers, against forgetting. Written for this project; Apache-2.0."""

from services.synthesis.domain.examples import Example, Kind, Split

QUESTIONS = (
    ("How many minutes are there in three hours?", "There are 180 minutes in three hours."),
    ("What colour do you get by mixing blue and yellow paint?", "Blue and yellow paint mix to green."),
    ("Name the largest planet of the solar system.", "Jupiter is the largest planet of the solar system."),
    ("Write one friendly sentence to greet a new colleague.", "Welcome to the team, it is good to have you here!"),
    ("What is 14 plus 27?", "14 plus 27 is 41."),
    ("Turn this into the past tense: She walks to the station.", "She walked to the station."),
    ("Which season comes after winter?", "Spring comes after winter."),
    ("Give the opposite of the word narrow.", "The opposite of narrow is wide."),
    ("What do bees make from nectar?", "Bees make honey from nectar."),
    ("List three things one can write with.", "A pencil, a pen and a piece of chalk."),
    ("At what temperature in degrees Celsius does water freeze?", "Water freezes at 0 degrees Celsius."),
    ("Say thank you in French.", "Merci."),
)


def replays() -> list[Example]:
    """The general questions as training examples."""
    return [Example(Kind.REPLAY, Split.TRAIN, question, answer) for question, answer in QUESTIONS]
