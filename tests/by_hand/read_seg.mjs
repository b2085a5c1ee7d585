// Reads a SEG with cornerstone's adapters, as OHIF does, and prints for each image the digest of its label map.
// Usage: node read_seg.mjs SEG FOLDER-OF-IMAGES; needs: npm install @cornerstonejs/adapters @babel/runtime dcmjs
import fs from 'node:fs';
import path from 'node:path';
import crypto from 'node:crypto';
import dcmjs from 'dcmjs';
import * as adapters from '@cornerstonejs/adapters';
import { metaData } from '@cornerstonejs/core';

const bytes = (file) => {
  const content = fs.readFileSync(file);
  return content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength);
};
const dataset = (file) => {
  const read = dcmjs.data.DicomMessage.readFile(bytes(file));
  return dcmjs.data.DicomMetaDictionary.naturalizeDataset(read.dict);
};
const [, , seg, folder] = process.argv;
const text = Buffer.from(bytes(seg)).toString('latin1');
const images = {};
for (const name of fs.readdirSync(folder, { recursive: true }).sort()) {
  const file = path.join(folder, name);
  if (!name.endsWith('.dcm') || fs.statSync(file).isDirectory()) continue;
  const image = dataset(file);
  if (image.Modality === 'MR' && text.includes(image.SOPInstanceUID)) images[file] = image;
}
const get = (kind, id) => {
  const image = images[id];
  if (!image) return undefined;
  switch (kind) {
    case 'imagePlaneModule':
      return {
        rows: image.Rows, columns: image.Columns, pixelSpacing: image.PixelSpacing,
        imageOrientationPatient: image.ImageOrientationPatient, imagePositionPatient: image.ImagePositionPatient,
        rowCosines: image.ImageOrientationPatient.slice(0, 3), columnCosines: image.ImageOrientationPatient.slice(3),
        frameOfReferenceUID: image.FrameOfReferenceUID, sliceThickness: image.SliceThickness,
      };
    case 'generalImageModule':
    case 'sopCommonModule':
      return { sopInstanceUID: image.SOPInstanceUID, sopClassUID: image.SOPClassUID, instanceNumber: image.InstanceNumber };
    case 'generalSeriesModule':
      return { seriesInstanceUID: image.SeriesInstanceUID, modality: 'MR' };
    case 'instance':
      return image;
    default:
      return undefined;
  }
};
metaData.addProvider(get, 10000);
const reader = adapters.adaptersSEG.Cornerstone3D.Segmentation;
const made = await reader.generateToolState(Object.keys(images), bytes(seg), { get }, { skipOverlapping: false, tolerance: 0.001 });
const digests = made.labelMapImages.flat().map((map) => [
  images[map.referencedImageId].SOPInstanceUID,
  crypto.createHash('sha256').update(Uint8Array.from(map.voxelManager.getScalarData())).digest('hex'),
]);
console.log(JSON.stringify(digests));
