"""Short stories of a made-up world, written by chance: what the small LLaMA of the demo page learns from.

Every story keeps its own facts: who it is about, he or she, what is lost, who helps and where it ends. To go on rightly a
model must look back at them, which is what attention is for.
"""

import random

NAMES = {
    "she": "Anna Lily Mia Rosa Ella Nora Ida Clara Emma Lucy Alma Ruth".split(),
    "he": "Ben Tom Max Leo Sam Jack Finn Oscar Otto Paul Hugo Will".split(),
}
OF = {"she": ("her", "her", "herself"), "he": ("him", "his", "himself")}

PEOPLE = {"she": ["girl", "queen", "princess", "baker", "farmer", "witch"], "he": ["boy", "king", "prince", "baker", "farmer", "giant"]}
ANIMALS = "cat dog fox bear mouse bird frog rabbit horse duck".split()
KINDS = "little small brave kind shy clever old young".split()

# Where each kind of hero lives: a fact that the first sentence decides.
HOMES = {
    **{royal: ["a castle by the sea", "a castle on a hill", "a big castle", "a palace with a garden"] for royal in ("king", "queen", "prince", "princess")},
    **{worker: ["a house by the mill", "a village by the river", "a small house with a red door"] for worker in ("baker", "farmer")},
    "girl": ["a house by the river", "a small village", "a town by the sea"],
    "boy": ["a house by the river", "a small village", "a town by the sea"],
    "witch": ["a house in the dark forest", "an old tower"],
    "giant": ["a cave in the mountains", "a big house on a hill"],
    "cat": ["a house with a garden", "an old barn"],
    "dog": ["a house with a garden", "a farm"],
    "fox": ["a forest", "a hole under a tree"],
    "bear": ["a cave in the forest", "a cave in the mountains"],
    "mouse": ["a hole in the wall", "an old barn"],
    "bird": ["a nest in a tall tree", "a nest on the roof"],
    "frog": ["a pond in the forest", "a small pond"],
    "rabbit": ["a hole under a tree", "a green field"],
    "horse": ["a farm", "an old barn"],
    "duck": ["a small pond", "a lake"],
}
LOVES = {
    **{animal: ["sleep in the sun", "run in the grass", "play in the rain", "look at the moon"] for animal in ANIMALS},
    **{who: ["sing in the garden", "look at the stars", "walk in the forest", "tell stories by the fire", "eat cake"] for who in [*PEOPLE["she"], *PEOPLE["he"]]},
    "bird": ["sing in the morning", "fly over the lake"],
    "duck": ["swim in the lake", "swim in the rain"],
    "frog": ["jump into the water", "sing at night"],
}
THINGS = ["red ball", "blue hat", "golden ring", "silver key", "green scarf", "wooden boat", "yellow kite", "old book", "little bell", "warm coat"]
PLACES = ["under the bed", "behind the door", "in the garden", "by the river", "under the old tree", "in the tall grass", "on the roof", "in the kitchen"]
FOODS = ["cake", "bread", "soup", "honey", "cheese", "pie"]
ENDS = [
    "From that day on, they were the best of friends.",
    "And they lived happily ever after.",
    "Then {they} went home and slept all night.",
    "That night {name} was very happy.",
    "They laughed and danced until the moon came up.",
]


class Tale:
    """One story, and what stays the same in it."""

    def __init__(self, chance):
        self.pick = chance.choice
        self.maybe = lambda share=0.5: chance.random() < share
        self.they = self.pick(["she", "he"])
        self.them, self.their, self.self = OF[self.they]
        self.name = self.pick(NAMES[self.they])
        human = self.maybe(0.6)
        self.kind = self.pick(PEOPLE[self.they]) if human else self.pick(ANIMALS)
        self.helper = self.pick([each for each in ANIMALS if each != self.kind])
        self.helper_they = self.pick(["she", "he"])
        self.helper_name = self.pick([each for each in NAMES[self.helper_they] if each != self.name])
        self.thing = self.pick(THINGS)
        self.noun = self.thing.split()[1]
        self.a_thing = f"an {self.thing}" if self.thing[0] in "aeiou" else f"a {self.thing}"
        self.food = self.pick(FOODS)

    def say(self, text):
        """Fills in what the story knows; {They} begins a sentence."""
        words = {**self.__dict__, "They": self.they.capitalize(), "Helper_they": self.helper_they.capitalize()}
        words["Their"] = self.their.capitalize()
        return text.format(**words)

    def beginning(self):
        adjective = self.pick(KINDS)
        home = self.pick(HOMES[self.kind])
        article = "an" if adjective[0] in "aeiou" else "a"
        who = f"{article} {adjective} {self.kind}" if self.maybe(0.7) else f"a {self.kind}"
        once = self.pick(["Once upon a time there was", "Once upon a time, there was", "Once there was", "Long ago there was"])
        first = self.pick(
            [
                f"{once} {who} named {{name}}. {{They}} lived in {home}.",
                f"{once} {who} who lived in {home}. {{Their}} name was {{name}}.",
                f"{{name}} was {who} who lived in {home}.",
            ]
        )
        loves = self.pick(LOVES[self.kind])
        second = self.pick([f"{{They}} loved to {loves}.", f"Every day {{they}} liked to {loves}.", f"{{name}} loved to {loves}."])
        return self.say(f"{first} {second}" if self.maybe(0.8) else first)

    def lost(self):
        where, wrong = random_two(self.pick, PLACES)
        return self.say(
            self.pick(
                [
                    "One day {name} could not find {their} {thing}. ",
                    "One morning {name} lost {their} {thing}. {They} was very sad. ",
                ]
            )
            + self.pick([f"{{They}} looked {wrong}, but the {{noun}} was not there. ", f"{{They}} looked for the {{noun}} {wrong}, but it was not there. "])
            + self.meet()
            + self.pick(['"Why are you sad?" asked the {helper}. ', '"What is the matter?" asked {helper_name}. '])
            + '"I lost my {noun}," said {name}. '
            + self.pick(['"I will help you," said the {helper}. ', '"Let us look for it," said {helper_name}. '])
            + self.pick([f"They looked {where}, and there was the {{noun}}! ", f"Together they found the {{noun}} {where}. "])
            + self.thanks()
        )

    def found(self):
        where = self.pick(PLACES)
        return self.say(
            self.pick([f"One day {{name}} found {{a_thing}} {where}. ", f"One day {{they}} saw something {where}. It was {{a_thing}}. "])
            + self.pick(['"Whose {noun} is this?" asked {name}. ', '"I want to keep this {noun}," said {name}. '])
            + "But then "
            + self.meet(small=True)
            + self.pick(['"I lost my {noun}," said the {helper}. ', 'The {helper} was sad. "My {noun} is gone," said {helper_name}. '])
            + self.pick(["{name} gave the {noun} to {helper_name}. ", '"Here is your {noun}," said {name}. '])
            + self.pick(["{helper_name} was so happy that {helper_they} jumped up and down. ", '"You are very kind," said {helper_name}. '])
        )

    def hungry(self):
        return self.say(
            self.pick(["One day {name} was very hungry. ", "It was winter, and {name} was hungry and cold. "])
            + self.meet()
            + self.pick(['"I am hungry," said {name}. ', '"Do you have some {food}?" asked {name}. '])
            + self.pick(['"I have some {food}," said the {helper}. ', '"Come home with me," said {helper_name}. "There is {food} on the table." '])
            + self.pick(["They sat by the fire and ate the {food}. ", "They ate the {food} together. "])
            + self.pick(['"This {food} is so good," said {name}. ', "The {food} was warm and sweet. "])
            + self.thanks()
        )

    def storm(self):
        return self.say(
            self.pick(["One night there was a big storm. ", "One evening the wind was strong and the rain was cold. "])
            + "{name} "
            + self.pick(["was afraid. ", "could not sleep. ", "was all alone. "])
            + self.pick(["Then somebody knocked at the door. ", "Then {they} heard a small voice. "])
            + self.pick(['It was a {helper} named {helper_name}. "I am wet and cold," said the {helper}. '])
            + self.pick(['"Come in," said {name}. ', '"Come in and sit by the fire," said {name}. '])
            + self.pick(["They told stories until the morning. ", "They ate {food} and sang a song. "])
            + self.pick(["In the morning the sun came out. ", "In the morning the storm was over. "])
            + self.pick(['"You are not alone now," said {helper_name}. ', '"Thank you, {name}," said the {helper}. '])
        )

    def high(self):
        high = self.pick(["in a tall tree", "on the roof", "on top of the wall"])
        return self.say(
            self.pick([f"One day {{name}} saw {{their}} {{thing}} {high}. ", f"The wind took {{their}} {{thing}}, and it landed {high}. "])
            + self.pick(["{They} jumped and jumped, but {they} was too small. ", "{They} tried to climb, but it was too high. "])
            + self.meet()
            + self.pick(['"Can you help me?" asked {name}. ', '"I want my {noun}," said {name}. '])
            + self.pick(['"Yes, I can," said the {helper}. ', '"Climb on my back," said {helper_name}. '])
            + self.pick(["Together they were tall enough, and {name} got the {noun}. ", "Soon {name} had the {noun} again. "])
            + self.thanks()
        )

    def meet(self, small=False):
        some = self.pick(["a", "a little", "a big", "a friendly"])
        if some == "a" and self.helper[0] in "aeiou":
            some = "an"
        where = self.pick(["on the road", "in the forest", "by the river", "at the door"])
        came = self.pick([f"{some} {{helper}} named {{helper_name}} came by. ", f"{{they}} met {some} {{helper}} {where}. {{Helper_they}} was called {{helper_name}}. "])
        return came if small else f"Then {came}"

    def thanks(self):
        return self.pick(
            ['"Thank you, {helper_name}," said {name}. ', '{name} was happy again. "You are my friend," {they} said. ', '"Thank you!" said {name}. '] + (["{name} gave {helper_name} some {food}. "] if self.maybe(0.5) else [])
        )

    def tell(self):
        middle = self.pick([self.lost, self.found, self.hungry, self.storm, self.high])()
        return f"{self.beginning()} {middle}{self.say(self.pick(ENDS))}"


def random_two(pick, values):
    first = pick(values)
    return first, pick([each for each in values if each != first])


def tales(many, seed):
    chance = random.Random(seed)
    return [Tale(chance).tell() for _ in range(many)]


if __name__ == "__main__":
    print("\n\n".join(tales(8, 1)))
