// Module hooks that find the optional packages of the WebGPU engine in the folder that is passed to them, where the workspace lacks them.
import { pathToFileURL } from 'node:url'

const NAMES = ['webgpu', '@tensorflow/tfjs-backend-webgpu']
let folder

export function initialize(data) {
  folder = data
}

export function resolve(specifier, context, next) {
  const parentURL = NAMES.includes(specifier) ? pathToFileURL(`${folder}/package.json`).href : context.parentURL
  return next(specifier, { ...context, parentURL })
}
