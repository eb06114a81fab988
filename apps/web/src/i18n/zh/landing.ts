import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead': '无需账号的群聊。打开一个房间，分享它的地址，拿到地址的人都能说话。',
  'landing.roomLabel': '房间名',
  'landing.roomRule': '字母 a 到 z、数字和连字符，最多 64 个。首尾须是字母或数字。',
  'landing.open': '打开房间',
  'landing.make': '新建房间',
  'landing.making': '正在新建房间……',
  'landing.lobby': '去大厅',
}
