//===- Recipe.td - what a `train` block may call besides ops -------------------------------===//
//
// Data sets and learning-rate schedules are carried out by the runtime, so they are no ops; their
// names, arguments and defaults stand here for the same reason as an op's: one list, read by the
// language and by `weir ops`.
//
//===------------------------------------------------------------------------------------===//

#ifndef WEIR_IR_RECIPE_TD
#define WEIR_IR_RECIPE_TD

include "ir/Base.td"

class Weir_RecipeCall<string callName, string callCategory> {
  string mnemonic = callName;
  string category = callCategory;
  string summary = "";
  string description = "";
  dag arguments = (ins);
}

def ImagesData : Weir_RecipeCall<"images", "data"> {
  let summary = "A folder of images and labels in four IDX files, as MNIST is distributed";
  let description = [{
    A pixel p (0..255) enters the net as `(p / 255 - mean) / deviation`. Training images are moved at random before
    that, anew at each visit: by up to `shift` pixels, `rotate` degrees and the share `scale` of their size.
  }];
  let arguments = (ins StrAttr:$name, DefaultValuedAttr<F64Attr, "0.0">:$mean,
                       DefaultValuedAttr<F64Attr, "1.0">:$deviation,
                       DefaultValuedAttr<F64Attr, "0.0">:$shift, DefaultValuedAttr<F64Attr, "0.0">:$rotate,
                       DefaultValuedAttr<F64Attr, "0.0">:$scale);
}

def PatienceStopping : Weir_RecipeCall<"patience", "stopping"> {
  let summary = "Ends the training after `epochs` epochs without a better validation accuracy";
  let arguments = (ins I64Attr:$epochs);
}

class Weir_Schedule<string name> : Weir_RecipeCall<name, "schedule">;

def ConstantSchedule : Weir_Schedule<"constant"> {
  let summary = "The learning rate as it stands, after `warmup` steps of linear rise";
  let arguments = (ins DefaultValuedAttr<I64Attr, "0">:$warmup);
}

def StepSchedule : Weir_Schedule<"step"> {
  let summary = "Multiplied by `factor` after every `every` epochs";
  let arguments = (ins I64Attr:$every, DefaultValuedAttr<F64Attr, "0.1">:$factor,
                       DefaultValuedAttr<I64Attr, "0">:$warmup);
}

def CosineSchedule : Weir_Schedule<"cosine"> {
  let summary = "Half a cosine from the learning rate down to `final` times it over the whole run";
  let description = "Loshchilov and Hutter 2017, without restarts.";
  let arguments = (ins DefaultValuedAttr<I64Attr, "0">:$warmup,
                       DefaultValuedAttr<F64Attr, "0.0">:$final);
}

def LinearSchedule : Weir_Schedule<"linear"> {
  let summary = "A straight line from the learning rate down to `final` times it over the whole run";
  let arguments = (ins DefaultValuedAttr<I64Attr, "0">:$warmup,
                       DefaultValuedAttr<F64Attr, "0.0">:$final);
}

def OneCycleSchedule : Weir_Schedule<"one_cycle"> {
  let summary = "Up from 1/25 of the learning rate during `rise` of the run, then down to nearly nothing";
  let description = "Smith and Topin 2018, with cosine flanks.";
  let arguments = (ins DefaultValuedAttr<F64Attr, "0.3">:$rise,
                       DefaultValuedAttr<F64Attr, "25.0">:$start_divisor,
                       DefaultValuedAttr<F64Attr, "1e4">:$final_divisor);
}

// What a `quantize` block may call.

def TrainingImagesPart : Weir_RecipeCall<"training_images", "part"> {
  let summary = "Training images: `count` of them (0: all that follow) or as many as there are, beginning with number `from`";
  let arguments = (ins DefaultValuedAttr<I64Attr, "1000">:$count, DefaultValuedAttr<I64Attr, "0">:$from);
}

def TestImagesPart : Weir_RecipeCall<"test_images", "part"> {
  let summary = "Test images: `count` of them (0: all that follow) or as many as there are, beginning with number `from`";
  let arguments = (ins DefaultValuedAttr<I64Attr, "0">:$count, DefaultValuedAttr<I64Attr, "0">:$from);
}

class Weir_Calibration<string name> : Weir_RecipeCall<name, "calibration">;

def MinMaxCalibration : Weir_Calibration<"min_max"> {
  let summary = "From the smallest number to the largest";
}

def PercentileCalibration : Weir_Calibration<"percentile"> {
  let summary = "The range that holds `percent` of the numbers, what is outside split evenly between its ends";
  let arguments = (ins DefaultValuedAttr<F64Attr, "99.99">:$percent);
}

def EntropyCalibration : Weir_Calibration<"entropy"> {
  let summary = "The range whose 128 levels of magnitude lose the least information";
  let description = "Kullback-Leibler divergence over 2048 bins, as S. Migacz described for TensorRT (GTC 2017).";
}

def MeanSquareCalibration : Weir_Calibration<"mean_square"> {
  let summary = "The range with the least mean squared error of rounding and clamping";
}

def PerChannelGranularity : Weir_RecipeCall<"per_channel", "granularity"> {
  let summary = "One scale of the weights for each output channel";
}

def PerTensorGranularity : Weir_RecipeCall<"per_tensor", "granularity"> {
  let summary = "One scale for all weights of a layer";
}

#endif // WEIR_IR_RECIPE_TD
