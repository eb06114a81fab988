import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead':
    'アカウントのいらないグループチャット。ルームを開いてアドレスを渡せば、受け取った人はだれでも話せます。',
  'landing.roomLabel': 'ルーム名',
  'landing.roomRule': 'a～z の文字、数字、ハイフン。64 文字まで。最初と最後は文字か数字。',
  'landing.open': 'ルームを開く',
  'landing.make': '新しいルームを作る',
  'landing.making': 'ルームを作っています…',
  'landing.lobby': 'ロビーへ',
}
