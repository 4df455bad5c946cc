import { describe, expect, test } from '@jest/globals'
import { isTabError, parseHubId, readNaming, readSafetensors, recogniseFile, TabError } from '@tab/core'
import fc from 'fast-check'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0))

describe('what a file is instead', () => {
  test.each([
    ['nothing', '', 'empty'],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 123\n', 'Git LFS pointer'],
    ['a page', '<!DOCTYPE html>\n<html><head><title>Sign in</title>', 'a web page'],
    ['a page with a mark and blanks before it', '\u00ef\u00bb\u00bf\n  <HTML lang="en">', 'a web page'],
    ['an answer of a service', '{"error":"Repository not found"}', 'a text that begins with "{\\"error\\":'],
    ['words', 'Not Found, said the server', 'a text that begins with "Not Found'],
    ['PyTorch', `PK\u0003\u0004${'\0'.repeat(40)}`, 'a zip archive, as PyTorch writes .pth'],
    ['older PyTorch', '\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.', 'a Python pickle'],
    ['Keras', '\u0089HDF\r\n\u001a\n', 'an HDF5 file'],
    ['a cut-off copy', '\0'.repeat(4096), 'all zeros'],
  ])('%s', (_, content, what) => {
    expect(recogniseFile(bytes(content))).toContain(what)
    expect(() => readSafetensors(bytes(content))).toThrow(
      `not a safetensors file: it is ${recogniseFile(bytes(content))}`,
    )
  })

  test('a long number is never the explanation, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (content) => {
        try {
          readSafetensors(content)
        } catch (error) {
          if (!isTabError(error, 'INVALID_DATA')) throw error
          expect(error.message).not.toMatch(/\d{10}/)
        }
      }),
    )
  })
})

describe('readNaming', () => {
  const fail = (): never => {
    throw new TabError('INVALID_DATA', { where: 'readSafetensors', message: 'it is empty' })
  }

  test('puts the file in the place of the function, for a promise too', async () => {
    const wanted = { code: 'INVALID_DATA', where: '--backbone a.st', message: '--backbone a.st: it is empty' }
    expect(() => readNaming('--backbone a.st', fail)).toThrow(expect.objectContaining(wanted))
    await expect(readNaming('--backbone a.st', async () => fail())).rejects.toMatchObject(wanted)
  })

  test('leaves results, other errors and messages that name the file as they are', async () => {
    expect(readNaming('a', () => 3)).toBe(3)
    expect(await readNaming('a', async () => 4)).toBe(4)
    const other = new RangeError('of ours')
    const throwing = (error: Error) => () => {
      throw error
    }
    expect(() => readNaming('a', throwing(other))).toThrow(other)
    const named = new TabError('NOT_FOUND', { where: 'x', message: 'a.st is not there' })
    expect(() => readNaming('a.st', throwing(named))).toThrow(named)
  })
})

describe('parseHubId', () => {
  const nothing = (): boolean => false

  test('any text with a path before it, or that exists, is a path', () => {
    const name = fc.stringMatching(/^[\w-]{1,8}\/[\w-]{1,8}$/)
    fc.assert(
      fc.property(name, (text) => {
        expect(parseHubId(text, nothing)).toEqual({ repo: text, revision: 'main' })
        expect(parseHubId(`${text}@v1.0`, nothing)).toEqual({ repo: text, revision: 'v1.0' })
        expect(parseHubId(text, (path) => path === text)).toBeUndefined()
        for (const before of ['./', '../', '/', '~/', 'C:\\', '.\\']) {
          expect(parseHubId(before + text, nothing)).toBeUndefined()
        }
        for (const ending of ['.safetensors', '.onnx', '.pth', '/', '/c']) {
          expect(parseHubId(text + ending, nothing)).toBeUndefined()
        }
      }),
    )
  })

  test.each(['', 'name', 'a/..', 'a/.', 'a/b@../c', 'a/b@./c', 'a/b c', 'a//b', '@a/b', 'a/b@'])(
    '%j is no id',
    (text) => expect(parseHubId(text, nothing)).toBeUndefined(),
  )
})
