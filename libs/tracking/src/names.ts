// Names for runs that nobody named: adjective-noun-NNN, so that people can say them aloud. They need not be unique.

import { randomInt } from 'node:crypto';

const ADJECTIVES = (
  'able amber ample apt avid bold brave breezy bright brisk calm candid chill civil clean clear clever cosmic cosy crisp curious ' +
  'dapper daring deft eager early easy elegant even exact fair famous fancy fine firm fleet fluent fond frank fresh gentle glad ' +
  'golden grand handy happy hardy honest humble ideal jolly keen kind large learned light likely lively loyal lucid lucky mellow ' +
  'merry mighty mild modest neat nimble noble novel open patient plain polite popular prime proud quick quiet rapid rare ready ' +
  'robust rustic salty secure sharp shiny silent sincere skillful smooth sober solid spicy stately steady stoic sturdy subtle ' +
  'sunny swift tidy trusty upbeat useful valiant vivid warm welcome wise witty worthy zesty'
).split(' ');

const NOUNS = (
  'acorn albatross anchor antelope arch aspen atlas auk badger bamboo barge basin beacon bear beaver birch bison bittern boulder ' +
  'bridge brook canyon cedar clam cliff cloud colt comet compass condor coral cove crab crane creek crow cub curlew dale deer delta ' +
  'dingo dolphin dove dune eagle egret elk elm ember falcon fawn fern finch fjord fox frog gannet gecko geyser glacier goose grouse ' +
  'gull hare harbor hawk heron hill horse ibex iris island jay kestrel kite koala lagoon lake lark lichen lynx mallow maple marten ' +
  'meadow mink moose moss newt oak orchid osprey otter owl panda pebble penguin perch petrel pine plover pond poppy puffin quail ' +
  'raven reef ridge river robin rook salmon seal shark shrew shrike skua sloth snipe sparrow squid steppe stork swan tapir tern ' +
  'thrush tide tiger toad trout tundra turtle valley vole walrus whale willow wolf wren yak zebra'
).split(' ');

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? 'run';
}

/** A name such as `curious-puffin-417`. */
export function randomRunName(): string {
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}-${randomInt(1000)}`;
}
