"""Loss terms and heads of the training in torch, as papers and reference implementations define them; channels are last."""
import math

import torch
import torch.nn.functional as F


def temperature(t):
    """CLIP's logit scale: learned as a logarithm, never above 100."""
    return t.clamp(max=math.log(100)).exp()


def class_alignment(classes):
    def loss(normal, abnormal, normalPrototypes, abnormalPrototypes, logScale):
        scale, target = temperature(logScale), torch.tensor(classes)
        return F.cross_entropy(scale * normal @ normalPrototypes.T, target) + F.cross_entropy(
            scale * abnormal @ abnormalPrototypes.T, target
        )

    return loss


def state_alignment(classes):
    def loss(normal, abnormal, normalPrototypes, abnormalPrototypes, logScale):
        both = torch.cat([normalPrototypes, abnormalPrototypes])
        target = torch.tensor(classes + [len(normalPrototypes) + k for k in classes])
        return F.cross_entropy(temperature(logScale) * torch.cat([normal, abnormal]) @ both.T, target)

    return loss


def patch_alignment(cover, focus):
    def loss(patches, normalPrototypes, abnormalPrototypes, logScale):
        total = 0
        for image, share, normal, abnormal in zip(patches, cover, normalPrototypes, abnormalPrototypes):
            logits = temperature(logScale) * torch.stack([image @ normal, image @ abnormal], -1)
            probability = logits.softmax(-1)
            focal = -((1 - probability) ** focus) * probability.log()
            total = total + ((1 - share) * focal[..., 0] + share * focal[..., 1]).sum()
        return total / cover.numel()

    return loss


def preservation(covers, references):
    def loss(**features):
        ratios = []
        for layer, reference, cover in zip(features.values(), references, covers):
            outside = cover < 0.01
            drift = (layer - reference)[outside].square().sum(-1).mean()
            ratios.append(drift / reference[outside].square().sum(-1).mean())
        return torch.stack(ratios).mean()

    return loss


def largest_mean(values, share):
    return values.topk(max(1, math.ceil(share * len(values)))).values.mean()


def nearest(queries, bank):
    return torch.linalg.vector_norm(queries[:, None] - bank[None], dim=-1).amin(1)


def separation(cover, counts, normal_share=0.05, defect_share=0.25, margin=1.5, slope=4):
    def loss(normal, abnormal):
        costs, first = [], 0
        for count in counts:
            good, bad = normal[first : first + count], abnormal[first : first + count]
            shares = cover[first : first + count]
            first += count
            if count < 2:
                continue
            half = (count + 1) // 2
            bank = good[:half].flatten(0, 2)
            q = largest_mean(nearest(good[half:].flatten(0, 2), bank), normal_share)
            for image, share in zip(bad, shares):
                if share.max() > 0:
                    masked = image[share >= 0.3 * share.max()]
                    v = largest_mean(nearest(masked, bank), defect_share)
                    costs.append(F.softplus(slope * (margin - v / q)))
        return torch.stack(costs).mean()

    return loss


def joint_features(fine, coarse):
    layers = [F.avg_pool2d(layer.permute(0, 3, 1, 2), 3, stride=1, padding=1) for layer in (fine, coarse)]
    resized = F.interpolate(layers[1], size=layers[0].shape[2:], mode="bilinear", align_corners=False)
    return torch.cat([layers[0], resized], 1).permute(0, 2, 3, 1)


def image_head(keep):
    def head(pooled, fc1Weight, fc1Bias, fc2Weight, fc2Bias, normWeight, normBias):
        hidden = F.linear(pooled, fc1Weight.T, fc1Bias)
        output = F.linear(hidden.relu(), fc2Weight.T, fc2Bias)
        output = output if keep is None else output * keep
        return F.normalize(F.layer_norm(output + hidden, hidden.shape[1:], normWeight, normBias), dim=-1)

    return head


def patch_head(features, weight, bias):
    return F.normalize(F.linear(features, weight.T, bias), dim=-1)
