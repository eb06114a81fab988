import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead':
    'محادثة جماعية بلا حسابات. افتح غرفة وشارك عنوانها، وكل من لديه العنوان يستطيع الكلام.',
  'landing.roomLabel': 'اسم الغرفة',
  'landing.roomRule': 'أحرف a إلى z وأرقام وشَرطات، حتى 64. تبدأ وتنتهي بحرف أو رقم.',
  'landing.open': 'افتح الغرفة',
  'landing.make': 'أنشئ غرفة جديدة',
  'landing.making': 'يجري إنشاء الغرفة …',
  'landing.lobby': 'إلى الردهة',
}
