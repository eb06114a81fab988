import { parseArgs } from 'node:util'

/** Everything that can be set, read once. The only place that looks at flags and the environment. */
export interface Config {
  readonly port: number
  readonly host: string
  /** Folder of the log and the server's key; null: memory, gone at the end. */
  readonly data: string | null
  /** Where people reach the server, when that is not where it listens. */
  readonly publicUrl: URL | null
  /** Origins whose pages may call; `*`: all. */
  readonly allowOrigin: readonly string[] | '*'
  /** Proxies whose X-Forwarded-For is believed. */
  readonly trustProxy: readonly string[]
  /** Where whoever runs the server can be reached, as a link of the page: `mailto:` or `http(s):`. */
  readonly contact: URL | null
  /** Bytes of all files that people may send, together; 0: none. */
  readonly files: number
  readonly limits: boolean
  readonly tls: { readonly cert: string; readonly key: string } | null
}

/** What was set can't be used. Its sentence is for whoever set it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const flags = {
  port: {
    type: 'string',
    value: 'NUMBER',
    default: '1337',
    about: 'port to listen on; 0: any that is free',
  },
  host: {
    type: 'string',
    value: 'ADDRESS',
    default: '127.0.0.1',
    about: 'address to listen on; 0.0.0.0 or :: for all',
  },
  data: { type: 'string', value: 'FOLDER', default: './data', about: 'where everything is kept' },
  memory: { type: 'boolean', about: 'keep nothing: all is gone when the server ends' },
  'public-url': {
    type: 'string',
    value: 'URL',
    about: 'where people reach the server, as behind a proxy',
  },
  'allow-origin': {
    type: 'string',
    value: 'ORIGINS',
    default: '*',
    about: 'whose pages may call: * or a list with commas',
  },
  'trust-proxy': {
    type: 'string',
    value: 'CIDRS',
    about: 'proxies whose X-Forwarded-For is believed',
  },
  contact: {
    type: 'string',
    value: 'ADDRESS',
    about: 'e-mail or URL where people reach you, shown on the first page and to who is banned',
  },
  files: {
    type: 'string',
    value: 'MB',
    default: '0',
    about: 'disk for pictures and files, kept for a day; 0: rooms carry text alone',
  },
  limits: {
    type: 'string',
    value: 'on|off',
    default: 'on',
    about: 'off lifts rate and stream limits: for benches alone',
  },
  'tls-cert': {
    type: 'string',
    value: 'FILE',
    about: 'certificate chain (PEM): HTTP/2 and HTTP/1.1 over TLS',
  },
  'tls-key': { type: 'string', value: 'FILE', about: 'its private key (PEM)' },
} as const

type Flag = keyof typeof flags

/** HEARSAY_PUBLIC_URL for --public-url. */
const variable = (flag: string): string => `HEARSAY_${flag.toUpperCase().replaceAll('-', '_')}`

/** The help page of `hearsay serve`. */
export function usage(): string {
  const lines = Object.entries(flags).map(([flag, spec]) => {
    const value = 'value' in spec ? ` ${spec.value}` : ''
    const standard = 'default' in spec ? ` (${spec.default})` : ''
    return `  ${`--${flag}${value}`.padEnd(26)} ${spec.about}${standard}`
  })
  return `Usage: hearsay serve [options]

Anonymous group chat over Server-Sent Events. One command, everything in one folder.

Options, each also as an environment variable (--public-url is ${variable('public-url')}):
${lines.join('\n')}
  --help                     this page
  --version                  the version
`
}

/**
 * @param args what follows `serve` on the command line
 * @param env the environment: flags win over it
 * @throws ConfigError
 */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  let values: Partial<Record<Flag, string | boolean>>
  try {
    const options = Object.fromEntries(
      Object.entries(flags).map(([flag, { type }]) => [flag, { type }]),
    )
    ;({ values } = parseArgs({ args: [...args], options, strict: true }))
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}. See hearsay serve --help.`)
  }
  const given = (flag: Flag): string | undefined => {
    const value = values[flag] ?? env[variable(flag)]
    return value === undefined || value === '' ? undefined : String(value)
  }
  const text = (flag: Flag): string => {
    const spec = flags[flag]
    return given(flag) ?? ('default' in spec ? spec.default : '')
  }

  const port = Number(text('port'))
  if (!/^\d{1,5}$/.test(text('port')) || port > 65535)
    throw new ConfigError(`--port takes a number from 0 to 65535, got "${text('port')}".`)
  const memory = given('memory')
  if (memory !== undefined && !['true', 'false', '1', '0'].includes(memory))
    throw new ConfigError(`${variable('memory')} takes true or false, got "${memory}".`)
  const isMemory = memory === 'true' || memory === '1'
  if (isMemory && given('data') !== undefined)
    throw new ConfigError('--memory keeps nothing, so it does not go with --data.')
  const limits = text('limits')
  if (limits !== 'on' && limits !== 'off')
    throw new ConfigError(`--limits takes on or off, got "${limits}".`)
  if (!/^\d{1,7}$/.test(text('files')))
    throw new ConfigError(`--files takes a number of megabytes, got "${text('files')}".`)
  const cert = given('tls-cert')
  const key = given('tls-key')
  if ((cert === undefined) !== (key === undefined))
    throw new ConfigError('--tls-cert and --tls-key go together.')

  return {
    port,
    host: text('host'),
    data: isMemory ? null : text('data'),
    publicUrl: publicUrl(given('public-url')),
    allowOrigin: origins(text('allow-origin')),
    trustProxy: list(text('trust-proxy')),
    contact: contact(given('contact')),
    files: Number(text('files')) * 1_000_000,
    limits: limits === 'on',
    tls: cert !== undefined && key !== undefined ? { cert, key } : null,
  }
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function publicUrl(text: string | undefined): URL | null {
  if (text === undefined) return null
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.pathname !== '/' || url.search)
    throw new ConfigError(`--public-url takes http(s)://host[:port] without a path, got "${text}".`)
  return url
}

function contact(text: string | undefined): URL | null {
  if (text === undefined) return null
  const url = URL.parse(/^[^\s:@]+@[^\s:@]+$/.test(text) ? `mailto:${text}` : text)
  if (!url || !['mailto:', 'http:', 'https:'].includes(url.protocol))
    throw new ConfigError(`--contact takes an e-mail address or an http(s) URL, got "${text}".`)
  return url
}

function origins(text: string): readonly string[] | '*' {
  const all = list(text)
  if (all.includes('*')) return '*'
  return all.map((item) => {
    const url = URL.parse(item)
    if (!url || url.origin === 'null' || url.origin !== item.toLowerCase().replace(/\/$/, ''))
      throw new ConfigError(
        `--allow-origin takes * or origins as https://example.org, got "${item}".`,
      )
    return url.origin
  })
}
