/** In-place radix-2 fast Fourier transform (Cooley and Tukey, 1965). The length must be a power of two. */
export function fft(real: Float64Array, imaginary: Float64Array): void {
  const length = real.length
  for (let i = 1, j = 0; i < length; i++) {
    let bit = length >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) {
      ;[real[i], real[j]] = [real[j]!, real[i]!]
      ;[imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!]
    }
  }
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2
    const angle = (-2 * Math.PI) / size
    const cosines = Float64Array.from({ length: half }, (_, k) => Math.cos(angle * k))
    const sines = Float64Array.from({ length: half }, (_, k) => Math.sin(angle * k))
    for (let from = 0; from < length; from += size)
      for (let k = 0; k < half; k++) {
        const upper = from + k
        const lower = upper + half
        const re = real[lower]! * cosines[k]! - imaginary[lower]! * sines[k]!
        const im = real[lower]! * sines[k]! + imaginary[lower]! * cosines[k]!
        real[lower] = real[upper]! - re
        imaginary[lower] = imaginary[upper]! - im
        real[upper]! += re
        imaginary[upper]! += im
      }
  }
}

/** The inverse, scaled. */
export function inverseFft(real: Float64Array, imaginary: Float64Array): void {
  fft(imaginary, real)
  for (let i = 0; i < real.length; i++) {
    real[i]! /= real.length
    imaginary[i]! /= real.length
  }
}
