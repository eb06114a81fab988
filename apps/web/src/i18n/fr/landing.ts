import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead':
    'Discussion de groupe sans compte. Ouvre un salon, partage son adresse, et tous ceux qui l’ont peuvent parler.',
  'landing.roomLabel': 'Nom du salon',
  'landing.roomHint': 'Lettres de a à z, chiffres et traits d’union, 64 au plus.',
  'landing.roomWrong':
    'Un nom de salon compte de 1 à 64 lettres de a à z, chiffres et traits d’union, et commence et finit par une lettre ou un chiffre.',
  'landing.open': 'Ouvrir le salon',
  'landing.make': 'Créer un nouveau salon',
  'landing.making': 'Création du salon …',
  'landing.lobby': 'Aller dans le hall',
  'landing.shared': 'Choisis ou crée un salon où partager ceci',
  'landing.recent': 'Tes salons sur cet appareil',
  'landing.forget': 'Oublier {room}',
  'landing.keepsTitle': 'Ce que ce serveur garde',
  'landing.keepsMessages': 'Ce qui est dit dans un salon, aussi longtemps que son hôte le décide.',
  'landing.keepsNever': 'Ni comptes, ni cookies, ni adresses, ni traceurs.',
  'landing.keepsName':
    'Ton nom et ta marque diffèrent dans chaque salon, et personne ne peut les relier.',
  'landing.keepsCurl': 'Marche aussi depuis un terminal :',
  'landing.contact': 'Contacter qui gère ce serveur',
}
