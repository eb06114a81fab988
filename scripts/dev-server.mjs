// What `npm run dev` starts anew at each change: the server, straight from its TypeScript.
import { main } from '../apps/server/src/cli.ts'

await main(process.argv.slice(2))
