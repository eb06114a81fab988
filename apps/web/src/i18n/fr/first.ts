import type { More, Words } from '../translate.ts'

export const first: Words<'first'> = {
  'app.save': 'Enregistrer',
  'app.tryAgain': 'Réessayer',
  'app.loadFailed':
    'Cette partie de la page n’a pas pu être chargée. Vérifie le réseau et réessaie.',
  'room.skip': 'Aller à la zone de saisie',
  'room.messages': 'Messages de {room}',
  'room.people': 'Personnes',
  'room.share': 'Partager',
  'room.menu': 'Menu',
  'room.home': 'Tous les salons',
  'room.here': { one: '{count} ici', many: '{count} ici', other: '{count} ici' },
  'room.you': 'toi',
  'room.host': 'hôte',
  'room.moderator': 'modération',
  'room.loading': 'Chargement des messages …',
  'room.slow': 'C’est plus long que d’habitude. Cela continue tout seul.',
  'room.olderLoading': 'Chargement des messages précédents …',
  'room.newLine': 'Nouveau',
  'room.today': 'Aujourd’hui',
  'room.yesterday': 'Hier',
  'join.title': 'Tu entres dans {room}',
  'join.as': 'Ton nom ici',
  'join.others':
    'Les autres voient ce nom et ta marque. Ils ne peuvent pas te relier à un autre salon.',
  'join.keeps': 'Le serveur garde ce que tu dis, et rien sur toi.',
  'join.join': 'Entrer',
  'join.made': 'Laisse vide et tu reçois un nom tout fait.',
  'join.mark': 'Ta marque : {mark}.',
  'composer.label': 'Message à {room}',
  'composer.placeholder': 'Écrire un message',
  'composer.send': 'Envoyer',
  'message.actions': 'Actions pour le message de {name}',
  'message.showMore': 'Tout afficher',
  'message.showLess': 'Afficher moins',
  'message.mark': 'marque {mark}',
  'net.connecting': 'Connexion …',
  'net.live': 'Connecté',
  'net.refused': 'Non connecté',
  'net.catchingUp': 'Rattrapage …',
  'notify.on': 'Les notifications sont activées',
  'notify.off': 'Les notifications sont désactivées',
}

/** Where its other words are. */
export const more: More = {
  landing: async () => (await import('./landing.ts')).landing,
  later: async () => (await import('./later.ts')).later,
}
