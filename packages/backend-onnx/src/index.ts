export { onnxExtractor, type ForeignModel, type OnnxExtractorOptions } from './onnx-extractor.ts'
export { onnxBackend, type OnnxBackendOptions } from './onnx-backend.ts'
export type { OrtModule, OrtSession, OrtSessionOptions, OrtTensor, OrtTensorConstructor } from './ort.ts'
export type { TokenLayout } from './token-layout.ts'
