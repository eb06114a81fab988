import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead':
    'Discussion de groupe sans compte. Ouvre un salon, partage son adresse, et tous ceux qui l’ont peuvent parler.',
  'landing.roomLabel': 'Nom du salon',
  'landing.roomRule':
    'Lettres de a à z, chiffres et traits d’union, 64 au plus. Une lettre ou un chiffre au début et à la fin.',
  'landing.open': 'Ouvrir le salon',
  'landing.make': 'Créer un nouveau salon',
  'landing.making': 'Création du salon …',
  'landing.lobby': 'Aller dans le hall',
}
