/**
 * AMF0 values as they are in JavaScript (Action Message Format AMF 0, Adobe 2007).
 * Objects and ECMA arrays are both read as objects without a prototype; typed objects lose their class name.
 */
export type AmfValue = number | boolean | string | null | undefined | Date | AmfValue[] | AmfObject
export type AmfObject = { [name: string]: AmfValue }

export const AMF0 = {
  number: 0x00,
  boolean: 0x01,
  string: 0x02,
  object: 0x03,
  null: 0x05,
  undefined: 0x06,
  ecmaArray: 0x08,
  objectEnd: 0x09,
  strictArray: 0x0a,
  date: 0x0b,
  longString: 0x0c,
  unsupported: 0x0d,
  xmlDocument: 0x0f,
  typedObject: 0x10,
} as const
