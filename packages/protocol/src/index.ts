export { Acts, Bans, Facts, Links, Listed, Mutes, OwnSettings, Reports, Status } from './answers.ts'
export { Found, History, Name, Say } from './calls.ts'
export { hasContact } from './contact.ts'
export {
  Beat,
  Busy,
  Delete,
  Edit,
  From,
  Gap,
  Hello,
  loggedEvents,
  Message,
  Presence,
  Raid,
  Reaction,
  Role,
  RoomChange,
  signals,
  Typing,
  Verdict,
  Waiting,
} from './events.ts'
export { Attachment, fileIdPattern, Upload } from './files.ts'
export { Filter } from './filter.ts'
export { AllHeld, Held } from './held.ts'
export * as limits from './limits.ts'
export { cleanName, houseNames } from './names.ts'
export { idPattern, roomPattern } from './patterns.ts'
export { Join, Joined, Link, MadeLink, MadeRoom, MakeLink, MakeRoom } from './links.ts'
export { Act, Kick, MakeReport, Penalize, Penalty, Report } from './moderation.ts'
export { Problem, problems, type ProblemCode } from './problems.ts'
export { defaultSettings, Settings, SettingsChange } from './settings.ts'
export { Remove, Removed, Undo, Undone } from './undo.ts'
