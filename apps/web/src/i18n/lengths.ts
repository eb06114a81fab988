import { region } from './translate.ts'

/** A length of time in its largest whole unit: "24 hours". */
export function lengthOf(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ] as const
  const [unit, size] =
    units.find(([, each]) => seconds >= each * (each === 86_400 ? 2 : 1)) ??
    (['second', 1] as const)
  const count = Math.round(seconds / size)
  return new Intl.NumberFormat(region.value, { style: 'unit', unit, unitDisplay: 'long' }).format(
    count,
  )
}
