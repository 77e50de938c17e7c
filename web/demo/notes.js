/** The notes that the page comes with, to be searched and compared: written for it, a line each. */
export const NOTES = `
Ginger tea with honey helps when your throat is sore.
Drink plenty of water and rest if you have a fever.
The dentist can see you on Thursday at nine.
Wash the cut, then put a clean bandage on it.
An allergy to pollen makes the eyes itch in spring.
The doctor said the broken wrist will heal in six weeks.
Ten minutes of stretching every morning eased my back pain.
She could not sleep, so she read until three.
The baby has her first tooth.
Our neighbours had twins last week.
Take an umbrella, it may pour this afternoon.
Snow closed the mountain pass until April.
The storm tore tiles off the roof.
It has not rained for two months and the river is low.
Fog delayed every flight out of the airport.
The heat wave will last until the weekend.
We watched lightning over the sea from the balcony.
A kitten was found in the engine of a parked car.
The dog buried his bone under the apple tree.
Whales sing to each other across whole oceans.
Bees tell one another where the flowers are by dancing.
The horse refused to cross the bridge.
Feed the goldfish only once a day.
An owl nests in the old church tower.
Ants have found the sugar again.
The wolf has come back to these forests after a century.
Bake the bread for an hour, then let it cool.
Fry the onions slowly until they are golden.
Add salt to the water before the pasta goes in.
This soup needs more pepper and a little lemon.
He burnt the pancakes and opened a window.
The cheese is made from the milk of one valley.
Grandmother never wrote down her recipe for plum cake.
Coffee after four keeps me awake.
The restaurant by the harbour serves fresh fish.
Ripe tomatoes should not be kept in the fridge.
The train to Vienna leaves from platform seven.
Change at the central station and take the tram.
We missed the last ferry and slept on the beach.
Her passport expired a day before the trip.
The hotel lost our booking but found us a better room.
Rent a bicycle, the old town is closed to cars.
Keep your ticket until you have left the platform.
The hike to the hut takes four hours and the view is worth it.
Their suitcase went to Lisbon without them.
The road along the cliffs is narrow and steep.
Stock prices fell sharply on Monday.
The central bank raised its interest rate by a quarter of a percent.
Rent takes almost half of what she earns.
The company dismissed two hundred workers before the holidays.
Pay the invoice within thirty days.
He saved for ten years to buy the boat.
The price of oil has doubled since last year.
A small shop cannot compete with the discount chain.
Keep the receipts, you can deduct them from your taxes.
The bakery was sold to the young couple who worked in it.
Restart the router and wait until the light is green.
Your password must have at least twelve characters.
The laptop shuts down because its battery is worn out.
Back up the photographs before you reset the phone.
The printer claims to be out of blue ink.
A bug in the new version deletes the last line of every file.
Programs written in this language need no garbage collector.
The website is slow because every image is far too large.
Never open an attachment from someone you do not know.
The satellite sends a picture of the whole Earth every hour.
The telescope saw light that is older than the Sun.
Water boils at a lower temperature on a mountain.
The planet has a year of eleven days and no night.
They found a fossil of a fern in the coal.
A magnet loses its strength when it is heated.
Plants turn sunlight, water and air into sugar.
The volcano has been quiet for three hundred years.
The glacier has lost a third of its ice.
Every triangle on a ball has more than two right angles' worth of corners.
The proof fits on one page but took her nine years.
The teacher let us measure the height of the tower with a stick and its shadow.
Homework is due on Friday before noon.
He learned the piano at seventy.
The orchestra tuned, and the hall fell silent.
She painted the harbour from memory.
The museum is free on the first Sunday of the month.
The novel is told by a house.
They danced until the band went home.
The film was too long and I would watch it again.
The choir is looking for tenors.
He whittled a whistle from a willow branch.
The home team scored in the last minute and won the cup.
She ran her first marathon in under four hours.
The goalkeeper hurt his shoulder and was carried off the field.
Chess is a game of patience and of nerves.
The pool is closed for cleaning on Tuesdays.
The mayor lost the election by eleven votes.
Parliament passed the law after a night of debate.
The judge asked the witness to speak up.
Thieves took the bronze statue from the park.
The strike of the bus drivers goes into its second week.
The two countries opened their border again after a generation.
The tap in the kitchen drips all night.
Sand the table before you paint it.
Plant the bulbs before the first frost.
The lamp flickers because the bulb is loose.
He fixed the gate with wire and hope.
The heating comes on at six.
The key is under the third flower pot.
Happy birthday, and many more of them.
I am sorry that I forgot to call you.
Thank you for the flowers, they are lovely.
They quarrelled over a fence and have not spoken since.
My sister is getting married in June.
`
  .trim()
  .split('\n');
