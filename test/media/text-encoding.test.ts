import { describe, expect, it } from 'vitest'
import { decodeText, encodingOf } from '../../media/text-encoding.ts'

/** Names of songs and of those who play them, as their owners' programs wrote them: encoding, text, bytes. */
const texts: readonly [string, string, string][] = [
  ['gb18030', '晴天', 'c7e7ccec'],
  ['gb18030', '周杰伦', 'd6dcbddcc2d7'],
  ['gb18030', '叶惠美', 'd2b6bbddc3c0'],
  ['gb18030', '月亮代表我的心', 'd4c2c1c1b4fab1edced2b5c4d0c4'],
  ['gb18030', '邓丽君', 'b5cbc0f6befd'],
  ['gb18030', '我们', 'ced2c3c7'],
  ['gb18030', '夜曲 Nocturne', 'd2b9c7fa204e6f637475726e65'],
  ['gb18030', '一无所有（现场）', 'd2bbcedecbf9d3d0a3a8cfd6b3a1a3a9'],
  ['gb18030', '梁静茹 - 勇气', 'c1babeb2c8e3202d20d3c2c6f8'],
  ['gb18030', '七里香', 'c6dfc0efcfe3'],
  ['windows-1251', 'Группа крови', 'c3f0f3efefe020eaf0eee2e8'],
  ['windows-1251', 'Кино', 'cae8edee'],
  ['windows-1251', 'ПЕСНЯ', 'cfc5d1cddf'],
  ['windows-1251', 'Я хочу быть с тобой', 'df20f5eef7f320e1fbf2fc20f120f2eee1eee9'],
  ['windows-1251', 'Алла Пугачёва', 'c0ebebe020cff3e3e0f7b8e2e0'],
  ['windows-1251', 'ВСТРЕЧА', 'c2d1d2d0c5d7c0'],
  ['windows-1251', 'Звезда по имени Солнце', 'c7e2e5e7e4e020efee20e8ece5ede820d1eeebedf6e5'],
  ['windows-1251', 'ДДТ', 'c4c4d2'],
  ['windows-1251', 'Перемен!', 'cfe5f0e5ece5ed21'],
  ['windows-1251', 'Сплин - Выхода нет', 'd1efebe8ed202d20c2fbf5eee4e020ede5f2'],
  ['windows-1251', '«Кино»', 'abcae8edeebb'],
  ['shift_jis', '上を向いて歩こう', '8fe382f08cfc82a282c495e082b182a4'],
  ['shift_jis', '坂本九', '8de2967b8be3'],
  ['shift_jis', 'ラブ・ストーリーは突然に', '83898375814583588367815b838a815b82cd93cb915282c9'],
  ['shift_jis', 'シス', '83568358'],
  ['shift_jis', '宇多田ヒカル', '894691bd93638371834a838b'],
  ['shift_jis', '東京事変', '938c8b9e8e9695cf'],
  ['shift_jis', '津軽海峡・冬景色', '92c38c798a438bac8145937e8c699046'],
  ['windows-1252', 'Café del Mar', '436166e92064656c204d6172'],
  ['windows-1252', 'Björk', '426af6726b'],
  ['windows-1252', 'Motörhead', '4d6f74f67268656164'],
  ['windows-1252', 'Sigur Rós', '53696775722052f373'],
  ['windows-1252', 'Édith Piaf', 'c9646974682050696166'],
  ['windows-1252', 'Canção do Mar', '43616ee7e36f20646f204d6172'],
  ['windows-1252', 'Größenwahn', '4772f6df656e7761686e'],
  ['windows-1252', 'Jóga', '4af36761'],
  ['windows-1252', 'Señorita', '5365f16f72697461'],
  ['windows-1252', 'Die Ärzte', '44696520c4727a7465'],
  ['windows-1252', 'Ænima', 'c66e696d61'],
  ['windows-1252', 'Beyoncé', '4265796f6e63e9'],
  ['windows-1252', 'naïve', '6e61ef7665'],
  ['windows-1252', 'L’amour – toujours', '4c92616d6f7572209620746f756a6f757273'],
  ['utf-8', 'Группа крови', 'd093d180d183d0bfd0bfd0b020d0bad180d0bed0b2d0b8'],
  ['utf-8', '晴天', 'e699b4e5a4a9'],
  ['utf-8', 'Björk', '426ac3b6726b'],
  ['utf-8', '上を向いて歩こう', 'e4b88ae38292e59091e38184e381a6e6ada9e38193e38186'],
]
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

describe('text of unknown encoding', () => {
  for (const [encoding, text, hex] of texts)
    it(`${text} in ${encoding}`, () => {
      expect(encodingOf(bytesOf(hex))).toBe(encoding)
      expect(decodeText(bytesOf(hex))).toBe(text)
    })

  it('is never refused: any bytes are some text', () => {
    for (let seed = 1; seed < 500; seed++) {
      const bytes = Uint8Array.from({ length: seed % 40 }, (_, n) => (seed * 7919 + n * n * 104_729) & 0xff)
      expect(typeof decodeText(bytes)).toBe('string')
    }
  })
})
