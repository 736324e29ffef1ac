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

const ModelProto = protobuf
  .parse(
    `syntax = "proto2";
    message ModelProto {
      optional int64 ir_version = 1;
      optional string producer_name = 2;
      optional GraphProto graph = 7;
      repeated OperatorSetIdProto opset_import = 8;
    }
    message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
    message GraphProto {
      repeated NodeProto node = 1;
      optional string name = 2;
      repeated TensorProto initializer = 5;
      optional string doc_string = 10;
      repeated ValueInfoProto input = 11;
      repeated ValueInfoProto output = 12;
    }
    message NodeProto {
      repeated string input = 1;
      repeated string output = 2;
      optional string name = 3;
      optional string op_type = 4;
      repeated AttributeProto attribute = 5;
    }
    message AttributeProto { optional string name = 1; optional int64 i = 3; optional int32 type = 20; }
    message TensorProto {
      repeated int64 dims = 1;
      optional int32 data_type = 2;
      repeated bytes string_data = 6;
      optional string name = 8;
      optional bytes raw_data = 9;
    }
    message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; optional string doc_string = 3; }
    message TypeProto {
      message Tensor { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
      optional Tensor tensor_type = 1;
    }
    message TensorShapeProto {
      message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
      repeated Dimension dim = 1;
    }`,
  )
  .root.lookupType('ModelProto');

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
