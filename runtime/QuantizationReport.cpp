// The quantization of a net as text; see QuantizationReport.h.
#include "runtime/QuantizationReport.h"
#include "runtime/Error.h"

namespace weir {

using Json = nlohmann::json;

static constexpr char rowPattern[] = "%-32s %-18s %-8s %-8s %22s %10s\n";

static std::string text(const Json &json, const char *key) {
  return json.at(key).is_string() ? json.at(key).get<std::string>() : "";
}

static void printLayer(const Json &layer, FILE *out) {
  std::string range, snr;
  if (layer.at("low").is_number())
    range = format("%.4g .. %.4g", layer.at("low").get<double>(), layer.at("high").get<double>());
  if (layer.at("snr_db").is_number())
    snr = format("%.1f dB", layer.at("snr_db").get<double>());
  std::fprintf(out, rowPattern, text(layer, "path").c_str(), text(layer, "op").c_str(),
               text(layer, "arithmetic").c_str(), text(layer, "numbers").c_str(), range.c_str(),
               snr.c_str());
}

static std::string percent(double part) { return format("%.2f %%", 100 * part); }

void printQuantization(const Json &report, FILE *out) {
  std::fprintf(out, rowPattern, "layer", "op", "products", "numbers", "range", "SNR");
  for (const Json &layer : report.at("layers"))
    printLayer(layer, out);
  std::fprintf(out, "\nquantized by %s on %s, weights %s%s%s\n", text(report, "method").c_str(),
               text(report, "calibrated_on").c_str(), text(report, "weights").c_str(),
               report.at("equalized").get<bool>() ? ", equalized" : "",
               report.at("bias_corrected").get<bool>() ? ", biases corrected" : "");
  for (const Json &kept : report.at("kept_float"))
    std::fprintf(out, "kept in float: %s%s\n", text(kept, "layer").c_str(),
                 kept.at("drop_before").is_number()
                     ? format(" (drop %s before, %s after)",
                              percent(kept.at("drop_before")).c_str(),
                              percent(kept.at("drop_after")).c_str())
                           .c_str()
                     : " (as the file asks)");
  std::fprintf(out, "accuracy on %s, %s images: float %.4f, int8 %.4f, drop %s%s\n",
               text(report, "held_out").c_str(),
               withCommas(report.at("images").get<unsigned long long>()).c_str(),
               report.at("float_accuracy").get<double>(), report.at("int8_accuracy").get<double>(),
               percent(report.at("drop")).c_str(),
               report.at("maximum_drop").is_number()
                   ? (" of at most " + percent(report.at("maximum_drop"))).c_str()
                   : "");
}

} // namespace weir
