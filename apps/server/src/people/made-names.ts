/** Pleasant, and of no one's body, origin or worth. Names last as long as these lists stay as they are: add at the end of a major version only. */
const adjectives: readonly string[] = (
  'able active adept agile airy alert amber ample amiable amused apt ardent artful astute autumn awake aware azure ' +
  'balanced balmy beaming beloved blissful blithe blooming bold bonny bouncy brave breezy bright brilliant brisk bubbly ' +
  'buoyant calm candid capable careful caring casual cheerful cheery civil classic clean clear clever coastal ' +
  'comfy composed constant content cool coral cordial cosmic cosy courtly crafty creative crisp crystal cultured curious ' +
  'dainty dapper daring dashing dawning dazzling deft delighted dewy diligent discreet dreamy droll dulcet ' +
  'eager early earnest easygoing elated electric elegant eloquent emerald endless epic equal evening exact expert ' +
  'fabled faithful famous fancy fearless festive fine firm fleet flowing fluent fluffy focused fond frank free ' +
  'fresh friendly frosty funny gallant generous gentle genuine gifted gilded glad gleaming glowing golden good graceful ' +
  'gracious grand grateful great handy happy hardy harmonic hazel hearty helpful heroic honest hopeful humble ' +
  'humorous ideal imaginative indigo intrepid inventive inviting jade jaunty jazzy jolly jovial joyful joyous ' +
  'jubilant keen kind kindly knowing lasting leafy learned legendary level light likable limber lively loyal lucid lucky ' +
  'luminous lunar lyrical magic magnetic majestic maple marine mellow melodic merry mighty mild mindful mint mirthful misty ' +
  'modest moonlit mossy musical mystic nautical neat nifty nimble noble northern notable novel opal open orderly ' +
  'original painterly pastel patient peaceful peachy pearly pensive peppy perky placid playful pleasant plucky poetic ' +
  'poised polished polite prime prompt proper proud prudent quaint quick quiet radiant rainy rapid rare ready regal ' +
  'relaxed reliable restful rhythmic roaming robust rosy rousing rustic sage sandy sapphire savvy scenic scholarly ' +
  'seasoned secure sensible serene shining silent silken silver sincere skilful sleek smart smiling smooth snowy snug ' +
  'sociable solar solid sonic sparkling speedy spirited splendid sprightly spry stable starlit starry steady stellar ' +
  'sterling still stoic stout studious sturdy suave subtle summery sunlit sunny super supple sure swift tactful talented ' +
  'thankful thorough thoughtful thriving tidal tidy tireless tranquil trim true trusty twilight twinkling unique ' +
  'upbeat valiant velvet verdant versed vibrant vigilant vital vivid wandering warm watchful wholesome winsome ' +
  'wintry wise wistful witty wonderful worldly worthy zealous zesty zippy'
).split(' ')

const animals: readonly string[] = (
  'aardvark accentor adder akita albatross alpaca anchovy angelfish anole ant anteater antelope antlion aracari armadillo ' +
  'auk avocet axolotl badger bandicoot banteng barbet barbel barnacle basilisk bat beagle bear bee beetle bellbird bilby ' +
  'binturong bison bittern blackbird blenny bluebird bluejay boa bobcat bobolink bongo bonito bowerbird bream ' +
  'brolga buffalo bulbul bullfinch bumblebee bunting bushbaby bustard butterfly buzzard caiman calf canary capelin ' +
  'capybara caracal caracara cardinal caribou carp cassowary cat catbird caterpillar catfish chameleon chamois cheetah ' +
  'chickadee chinchilla chipmunk chough cicada cichlid civet coati cockatiel cod collie colugo condor coral cormorant ' +
  'corncrake cottontail cowrie coyote crane crayfish cricket crossbill crow curlew cuttlefish dabchick damselfly deer ' +
  'degu desman dhole dingo dipper dog dolphin dormouse dotterel dove dragonfly drongo duck dugong dunlin dunnock eagle ' +
  'echidna eel egret eider eland elk emu ermine falcon fennec fieldfare finch firefly flamingo flounder flycatcher fossa ' +
  'fox frigatebird frog fulmar gadwall gannet gar gaur gazelle gecko gemsbok genet gerbil gerenuk giraffe glider ' +
  'godwit goldcrest goldfinch goldfish goral goshawk grebe greenfinch greyhound grosbeak grouper grouse guanaco ' +
  'guillemot guineafowl gull gundi guppy gurnard haddock halibut hamster hare harrier hartebeest hawk hedgehog heron herring ' +
  'hoatzin honeybee honeyeater hoopoe hornbill horse hummingbird husky hyrax ibex ibis iguana impala indri jabiru jacana ' +
  'jackdaw jaguar jay jellyfish jerboa junco kakapo kangaroo katydid kea kestrel kinglet kingfisher kinkajou kite kiwi ' +
  'klipspringer koala koi kookaburra kouprey kudu ladybird lamb lamprey lapwing lark lemming lemur leopard limpet linnet lion ' +
  'lizard llama lobster longspur loon lorikeet loris lynx lyrebird macaw mackerel magpie mallard manatee mantis ' +
  'margay markhor marlin marmoset marmot marten martin mastiff meadowlark meerkat merganser merlin millipede minnow mongoose ' +
  'moorhen moose moth motmot mouse mudskipper mullet muntjac muskox mussel myna narwhal nautilus newt nighthawk nightingale nightjar ' +
  'numbat nutcracker nuthatch nyala ocelot octopus okapi olingo olm opossum orca oribi oriole oryx osprey ostrich otter owl ' +
  'oxpecker oyster paca pademelon panda pangolin panther parakeet parrot partridge peacock peccary pelican penguin ' +
  'petrel phalarope pheasant phoebe pigeon pika pike pintail pipit platypus plover pointer pony porcupine porpoise ' +
  'possum potoo ptarmigan pudu puffin puma quail quetzal quokka quoll rabbit raccoon rail raven ray razorbill ' +
  'redpoll redshank redstart redwing reindeer retriever rhea roadrunner robin roller rook ruff sable saiga salamander salmon ' +
  'saluki sandpiper sardine scallop scaup scoter seadragon seagull seahorse seal serval setter shearwater shelduck shrimp ' +
  'sifaka siskin skimmer skink skipper skua skylark smelt snail snipe sparrow spaniel spoonbill springbok squid ' +
  'squirrel stag starfish starling stilt stingray stoat stork sunbird swallow swan swift swordfish tadpole tahr takin ' +
  'tamandua tamarin tanager tapir tarpon tarsier teal tenrec tern terrapin terrier thrasher thrush tiger tinamou topi tortoise ' +
  'toucan treefrog trogon trout tuna turaco turbot turnstone turtle vicuna vireo viscacha vole wagtail wallaby walrus ' +
  'warbler waterbuck waxbill waxwing weaver wheatear whimbrel whippet whitethroat wigeon wildcat wolf wolverine wombat ' +
  'woodcock woodlark woodpecker wren wryneck yak yellowhammer zander zebra zebu'
).split(' ')

/**
 * A name such as "quiet otter", for someone who chose none.
 * @param digest Characters U+0000 to U+00FF, at least 24: those that follow the sixteen which make the person.
 */
export function madeName(digest: string): string {
  const adjective =
    ((digest.charCodeAt(16) << 16) | (digest.charCodeAt(17) << 8) | digest.charCodeAt(18)) %
    adjectives.length
  const animal =
    ((digest.charCodeAt(19) << 16) | (digest.charCodeAt(20) << 8) | digest.charCodeAt(21)) %
    animals.length
  return `${adjectives[adjective]} ${animals[animal]}`
}
