export {
  DETECTOR_FIELDS,
  DETECTOR_METHODS,
  layersOf,
  optionsOf,
  recipeOf,
  type DetectorMethod,
  type DetectorSpec,
  type LearningSpec,
} from './spec/detector-spec.ts'
