import { phrases, type Phrase } from './word.ts'

/**
 * The 22 photo templates of WinCLIP, each once; `{}` is the noun phrase. `a {}` gets the article that fits the phrase, or none.
 */
export const WINCLIP_TEMPLATES: readonly Phrase[] = phrases(
  'winclip',
  'a photo of a {}.',
  'a photo of the {}.',
  'a photo of a small {}.',
  'a photo of the small {}.',
  'a photo of a large {}.',
  'a photo of the large {}.',
  'a cropped photo of a {}.',
  'a cropped photo of the {}.',
  'a close-up photo of a {}.',
  'a close-up photo of the {}.',
  'a bright photo of a {}.',
  'a bright photo of the {}.',
  'a dark photo of a {}.',
  'a dark photo of the {}.',
  'a blurry photo of a {}.',
  'a blurry photo of the {}.',
  'a jpeg corrupted photo of a {}.',
  'a jpeg corrupted photo of the {}.',
  'a photo of a {} for visual inspection.',
  'a photo of the {} for visual inspection.',
  'a photo of a {} for anomaly detection.',
  'a photo of the {} for anomaly detection.',
)

/** More photo templates, from the ones that CLIP's authors used for ImageNet. */
export const PHOTO_TEMPLATES: readonly Phrase[] = phrases(
  'clip',
  'a photo of one {}.',
  'a low resolution photo of a {}.',
  'a low resolution photo of the {}.',
)

/** A photo in a domain; `<>` is the domain. */
export const DOMAIN_TEMPLATES: readonly Phrase[] = [
  ...phrases('tab', '<> photo of a {}.', '<> image of a {}.'),
  ...phrases('ours', '<> close-up of a {}.', '<> photo of the {} for visual inspection.'),
]

/** Domains of industrial photographs. */
export const DOMAINS: readonly Phrase[] = [
  ...phrases('anovl', 'an industrial', 'a manufacturing', 'a textural', 'a surface'),
  ...phrases('ours', 'an inspection'),
]

/** Positions of a defect on the part; they follow the noun phrase of an abnormal prompt. */
export const DEFECT_POSITIONS: readonly Phrase[] = phrases(
  'tab',
  'on the left',
  'on the right',
  'at the top',
  'at the bottom',
  'in the centre',
  'in the corner',
)
