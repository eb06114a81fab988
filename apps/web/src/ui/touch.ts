/** A device on which a finger points, and keys are those of the screen. */
export const isTouch = (): boolean => matchMedia('(pointer: coarse)').matches
