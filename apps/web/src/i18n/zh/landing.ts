import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead': '无需账号的群聊。打开一个房间，分享它的地址，拿到地址的人都能说话。',
  'landing.roomLabel': '房间名',
  'landing.roomHint': '字母 a 到 z、数字和连字符，最多 64 个。',
  'landing.roomWrong': '房间名由 1 到 64 个 a 到 z、0 到 9 和连字符组成，首尾必须是字母或数字。',
  'landing.open': '打开房间',
  'landing.make': '新建房间',
  'landing.making': '正在新建房间……',
  'landing.lobby': '去大厅',
  'landing.shared': '选择或新建一个房间来分享此内容',
  'landing.recent': '这台设备上的房间',
  'landing.forget': '忘记 {room}',
  'landing.keepsTitle': '这台服务器保存什么',
  'landing.keepsMessages': '房间里说过的话，保存多久由主持人决定。',
  'landing.keepsNever': '没有账号，没有 Cookie，没有地址，没有跟踪。',
  'landing.keepsName': '你的名字和印记在每个房间都不同，没有人能把它们联系起来。',
  'landing.keepsCurl': '在终端里也能用：',
  'landing.contact': '联系此服务器的运营者',
}
