import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead':
    'Chat en grupo sin cuentas. Abre una sala, comparte su dirección y quien la tenga podrá hablar.',
  'landing.roomLabel': 'Nombre de la sala',
  'landing.roomRule':
    'Letras de la a a la z, cifras y guiones, hasta 64. Empieza y acaba con letra o cifra.',
  'landing.open': 'Abrir la sala',
  'landing.make': 'Crear una sala nueva',
  'landing.making': 'Creando la sala …',
  'landing.lobby': 'Ir al vestíbulo',
}
