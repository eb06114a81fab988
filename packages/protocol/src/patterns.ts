/** A room's name: what may stand after `/r/`. Upper case is redirected, anything else is `bad-room`. */
export const roomPattern = '^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$'

/** An event id, which is also a cursor: `<epoch>-<seq>`. */
export const idPattern = '^[a-z0-9]{1,16}-(?:0|[1-9][0-9]{0,15})$'
