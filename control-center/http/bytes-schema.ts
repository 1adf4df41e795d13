import Type from 'typebox'

/** An answer that is no JSON, for the documentation: audio, pictures, events. */
export const Bytes = Type.Unsafe<unknown>({ type: 'string', format: 'binary' })
