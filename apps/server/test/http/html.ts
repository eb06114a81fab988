// What a page says, as a parser of HTML has it.
import type { DefaultTreeAdapterMap } from 'parse5'

type Element = DefaultTreeAdapterMap['element']

/** An attribute of it. */
export const attribute = ({ attrs }: Element, name: string): string | undefined =>
  attrs.find((each) => each.name === name)?.value
/** It and all elements within it, in their order. */
export function elements(node: DefaultTreeAdapterMap['node'], found: Element[] = []): Element[] {
  if ('tagName' in node) found.push(node)
  if ('childNodes' in node) for (const child of node.childNodes) elements(child, found)
  return found
}
/** Its text. */
export const inner = (node: DefaultTreeAdapterMap['node']): string =>
  'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(inner).join('') : ''
