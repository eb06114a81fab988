import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead':
    'アカウントのいらないグループチャット。ルームを開いてアドレスを渡せば、受け取った人はだれでも話せます。',
  'landing.roomLabel': 'ルーム名',
  'landing.roomHint': 'a～z の文字、数字、ハイフン。64 文字まで。',
  'landing.roomWrong':
    'ルーム名は a～z、0～9、ハイフンの 1～64 文字で、最初と最後は文字か数字です。',
  'landing.open': 'ルームを開く',
  'landing.make': '新しいルームを作る',
  'landing.making': 'ルームを作っています…',
  'landing.lobby': 'ロビーへ',
  'landing.shared': 'これを共有するルームを選ぶか作ってください',
  'landing.recent': 'この端末で入ったルーム',
  'landing.forget': '{room} を忘れる',
  'landing.keepsTitle': 'このサーバーが保存するもの',
  'landing.keepsMessages': 'ルームでの発言。期間はホストが決めます。',
  'landing.keepsNever': 'アカウント、Cookie、アドレス、追跡は一切ありません。',
  'landing.keepsName': '名前と印はルームごとに異なり、だれにも結び付けられません。',
  'landing.keepsCurl': 'ターミナルからも使えます:',
  'landing.contact': 'このサーバーの運営者に連絡する',
}
