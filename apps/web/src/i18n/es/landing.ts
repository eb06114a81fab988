import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead':
    'Chat en grupo sin cuentas. Abre una sala, comparte su dirección y quien la tenga podrá hablar.',
  'landing.roomLabel': 'Nombre de la sala',
  'landing.roomHint': 'Letras de la a a la z, cifras y guiones, hasta 64.',
  'landing.roomWrong':
    'El nombre de una sala tiene de 1 a 64 letras de la a a la z, cifras y guiones, y empieza y acaba con letra o cifra.',
  'landing.open': 'Abrir la sala',
  'landing.make': 'Crear una sala nueva',
  'landing.making': 'Creando la sala …',
  'landing.lobby': 'Ir al vestíbulo',
  'landing.shared': 'Elige o crea una sala donde compartir esto',
  'landing.recent': 'Tus salas en este dispositivo',
  'landing.forget': 'Olvidar {room}',
  'landing.keepsTitle': 'Qué guarda este servidor',
  'landing.keepsMessages': 'Lo que se dice en una sala, mientras quiera su anfitrión.',
  'landing.keepsNever': 'Ni cuentas, ni cookies, ni direcciones, ni rastreadores.',
  'landing.keepsName':
    'Tu nombre y tu marca son distintos en cada sala, y nadie puede relacionarlos.',
  'landing.keepsCurl': 'También funciona desde una terminal:',
  'landing.contact': 'Contactar con quien administra este servidor',
}
