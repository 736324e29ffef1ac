// A network as an ONNX file: the graph that any ONNX runtime executes, with the standardisation inside, so that whoever serves it
// sends raw measurements and gets back names of species.
//
//   measurements [N,4] -> Sub mean -> Div scale -> (Gemm -> Relu)* -> Gemm -> Softmax -> probabilities [N,3]
//                                                                                 `-> ArgMax -> Gather classes -> label [N]
//
// An ONNX file is one protocol-buffers message. The part of its schema that is needed stands below, with the field numbers of
// onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto); protobufjs does the bytes.

import protobuf from 'protobufjs';

import type { Layer, Network } from './network.ts';

/** The file format of ONNX 1.12, and the operators of that time: old enough for every runtime in use. */
const IR_VERSION = 8;
const OPSET_VERSION = 17;

export const INPUT = 'measurements';
export const LABEL = 'label';
export const PROBABILITIES = 'probabilities';

const FLOAT = 1;
const STRING = 8;
const ATTRIBUTE_INT = 2;

const ModelProto = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: { id: 1, type: 'int64' },
        producerName: { id: 2, type: 'string' },
        graph: { id: 7, type: 'GraphProto' },
        opsetImport: { id: 8, type: 'OperatorSetIdProto', rule: 'repeated' },
      },
    },
    OperatorSetIdProto: { fields: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } } },
    GraphProto: {
      fields: {
        node: { id: 1, type: 'NodeProto', rule: 'repeated' },
        name: { id: 2, type: 'string' },
        initializer: { id: 5, type: 'TensorProto', rule: 'repeated' },
        docString: { id: 10, type: 'string' },
        input: { id: 11, type: 'ValueInfoProto', rule: 'repeated' },
        output: { id: 12, type: 'ValueInfoProto', rule: 'repeated' },
      },
    },
    NodeProto: {
      fields: {
        input: { id: 1, type: 'string', rule: 'repeated' },
        output: { id: 2, type: 'string', rule: 'repeated' },
        name: { id: 3, type: 'string' },
        opType: { id: 4, type: 'string' },
        attribute: { id: 5, type: 'AttributeProto', rule: 'repeated' },
      },
    },
    AttributeProto: { fields: { name: { id: 1, type: 'string' }, i: { id: 3, type: 'int64' }, type: { id: 20, type: 'int32' } } },
    TensorProto: {
      fields: {
        dims: { id: 1, type: 'int64', rule: 'repeated' },
        dataType: { id: 2, type: 'int32' },
        stringData: { id: 6, type: 'bytes', rule: 'repeated' },
        name: { id: 8, type: 'string' },
        rawData: { id: 9, type: 'bytes' },
      },
    },
    ValueInfoProto: {
      fields: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'TypeProto' }, docString: { id: 3, type: 'string' } },
    },
    TypeProto: { fields: { tensorType: { id: 1, type: 'TensorTypeProto' } } },
    TensorTypeProto: { fields: { elemType: { id: 1, type: 'int32' }, shape: { id: 2, type: 'TensorShapeProto' } } },
    TensorShapeProto: { fields: { dim: { id: 1, type: 'DimensionProto', rule: 'repeated' } } },
    DimensionProto: {
      oneofs: { value: { oneof: ['dimValue', 'dimParam'] } },
      fields: { dimValue: { id: 1, type: 'int64' }, dimParam: { id: 2, type: 'string' } },
    },
  },
}).lookupType('ModelProto');

interface Node {
  opType: string;
  input: string[];
  output: string[];
  name: string;
  attribute?: { name: string; i: number; type: number }[];
}

interface Tensor {
  name: string;
  dims: number[];
  dataType: number;
  rawData?: Uint8Array;
  stringData?: Uint8Array[];
}

/** Writes a network as an ONNX file. The same network gives the same bytes. */
export function encodeOnnx(name: string, network: Network): Buffer {
  const { features, classes } = network;
  const layers = network.layers.map((layer, index) => layerNodes(layer, index, index === network.layers.length - 1));
  const nodes: Node[] = [
    node('Sub', [INPUT, 'mean'], 'centred'),
    node('Div', ['centred', 'scale'], 'layer0_in'),
    ...layers.flatMap((layer) => layer.nodes),
    node('Softmax', ['scores'], PROBABILITIES, { axis: 1 }),
    node('ArgMax', [PROBABILITIES], 'best', { axis: 1, keepdims: 0 }),
    node('Gather', ['classes', 'best'], LABEL, { axis: 0 }),
  ];
  const message = {
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET_VERSION }],
    producerName: 'throughline-example-penguins',
    graph: {
      name,
      docString: `Tells ${classes.join(', ')} apart by ${features.join(', ')}.`,
      node: nodes,
      initializer: [
        floats('mean', [features.length], network.mean),
        floats('scale', [features.length], network.scale),
        ...layers.flatMap((layer) => layer.tensors),
        strings('classes', classes),
      ],
      input: [value(INPUT, FLOAT, ['N', features.length], `In this order: ${features.join(', ')}.`)],
      output: [
        value(LABEL, STRING, ['N'], 'The likeliest class.'),
        value(PROBABILITIES, FLOAT, ['N', classes.length], `In this order: ${classes.join(', ')}.`),
      ],
    },
  };
  const mistake = ModelProto.verify(message);
  if (mistake !== null) throw new Error(`The ONNX message is malformed: ${mistake}.`);
  return Buffer.from(ModelProto.encode(ModelProto.create(message)).finish());
}

/** One layer's weights and operators; it reads what the layer before it wrote. */
function layerNodes(layer: Layer, index: number, isLast: boolean): { nodes: Node[]; tensors: Tensor[] } {
  const [weights, bias, sums] = [`layer${index}_weights`, `layer${index}_bias`, isLast ? 'scores' : `layer${index}_sums`];
  return {
    tensors: [floats(weights, [layer.outputs, layer.inputs], layer.weights), floats(bias, [layer.outputs], layer.bias)],
    nodes: [
      node('Gemm', [`layer${index}_in`, weights, bias], sums, { transB: 1 }),
      ...(isLast ? [] : [node('Relu', [sums], `layer${index + 1}_in`)]),
    ],
  };
}

function node(opType: string, input: string[], output: string, attributes: Record<string, number> = {}): Node {
  const attribute = Object.entries(attributes).map(([name, i]) => ({ name, i, type: ATTRIBUTE_INT }));
  return { opType, input, output: [output], name: `${opType.toLowerCase()}_${output}`, attribute };
}

/** A constant of 32-bit floats, which ONNX keeps little-endian. */
function floats(name: string, dims: number[], values: Float64Array): Tensor {
  const rawData = Buffer.alloc(values.length * 4);
  values.forEach((number, index) => rawData.writeFloatLE(number, index * 4));
  return { name, dims, dataType: FLOAT, rawData };
}

function strings(name: string, values: readonly string[]): Tensor {
  return { name, dims: [values.length], dataType: STRING, stringData: values.map((text) => Buffer.from(text, 'utf8')) };
}

/** An input or output; a named dimension is one of any size. */
function value(name: string, elemType: number, dims: (string | number)[], docString: string) {
  const dim = dims.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }));
  return { name, docString, type: { tensorType: { elemType, shape: { dim } } } };
}
