import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A key and a certificate of this machine's own, made anew. */
export function selfSigned(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  try {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const kind = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1'
    const name = '-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1'
    const options = `req ${kind} ${name}`.split(' ')
    const made = spawnSync('openssl', [...options, '-keyout', keyFile, '-out', certFile])
    if (made.status !== 0) throw new Error(`openssl made no certificate: ${String(made.stderr)}`)
    return { key: readFileSync(keyFile), cert: readFileSync(certFile) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
