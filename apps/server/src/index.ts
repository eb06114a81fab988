export { type Config, ConfigError, readConfig } from './config.ts'
export { LogError } from './log/log.ts'
export { type Running, serve } from './serve.ts'
