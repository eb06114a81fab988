/** Style sheets of the first load: the build gathers them into one file. */
declare module '*.css'

/** Style sheets of what comes later, for `dress`. */
declare module '*.css?inline' {
  const css: string
  export { css as default }
}
