// Runs one case and prints its timings: node race.mjs case [--quick] [arguments of the case]
const { run } = await import(`../cases/${process.argv[2]}.mjs`);
console.log(JSON.stringify(await run({ quick: process.argv.includes('--quick'), args: process.argv.slice(3) })));
