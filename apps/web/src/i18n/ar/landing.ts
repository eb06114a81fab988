import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead':
    'محادثة جماعية بلا حسابات. افتح غرفة وشارك عنوانها، وكل من لديه العنوان يستطيع الكلام.',
  'landing.roomLabel': 'اسم الغرفة',
  'landing.roomHint': 'أحرف a إلى z وأرقام وشَرطات، حتى 64.',
  'landing.roomWrong':
    'اسم الغرفة من 1 إلى 64 من الأحرف a إلى z والأرقام والشَرطات، ويبدأ وينتهي بحرف أو رقم.',
  'landing.open': 'افتح الغرفة',
  'landing.make': 'أنشئ غرفة جديدة',
  'landing.making': 'يجري إنشاء الغرفة …',
  'landing.lobby': 'إلى الردهة',
  'landing.shared': 'اختر غرفة أو أنشئ واحدة لمشاركة هذا فيها',
  'landing.recent': 'غرفك على هذا الجهاز',
  'landing.forget': 'انسَ {room}',
  'landing.keepsTitle': 'ما يحتفظ به هذا الخادم',
  'landing.keepsMessages': 'ما يقال في الغرفة، للمدة التي يقررها مضيفها.',
  'landing.keepsNever': 'لا حسابات ولا ملفات ارتباط ولا عناوين ولا تتبّع.',
  'landing.keepsName': 'اسمك وعلامتك مختلفان في كل غرفة، ولا أحد يستطيع الربط بينهما.',
  'landing.keepsCurl': 'يعمل من الطرفية أيضًا:',
  'landing.contact': 'التواصل مع من يدير هذا الخادم',
}
