//===- EmitMath.cpp - see EmitMath.h ---------------------------------------------------------===//

#include "kernels/EmitMath.h"

using namespace Halide;

namespace weir::kernels {

/// A polynomial by Horner's rule, lowest power first.
template <size_t n> static Expr polynomial(const float (&coefficients)[n], const Expr &x) {
  Expr sum = coefficients[n - 1];
  for (size_t power = n - 1; power-- > 0;)
    sum = sum * x + coefficients[power];
  return sum;
}

// erf(x) = x p(x^2) on [-3.8, 3.8], where 1 - erf is 8e-8; p is the minimax polynomial of degree 13
// in 2 (x / 3.8)^2 - 1: in powers of x^2 itself its terms would cancel.
Expr fastErf(const Expr &x) {
  constexpr float end = 3.8f;
  static const float p[] = {0.372107685f,   -0.185640514f,  0.137731433f,   -0.11120756f,
                            0.090973109f,   -0.0723175034f, 0.0541478842f,  -0.0396942794f,
                            0.0294785835f,  -0.0169492252f, 0.00558630144f, -0.00450777775f,
                            0.00574254291f, -0.00229287287f};
  Expr inside = polynomial(p, x * x * (2 / (end * end)) - 1.0f) * x;
  return select(x >= end, 1.0f, select(x <= -end, -1.0f, inside));
}

// 1/2 + x p(x^2) on [-5.4, 5.4], beyond which it is 0 or 1 to 1e-6; p of degree 15 as in fastErf.
// One polynomial instead of erf's, an exponential and their sum.
Expr fastGeluDerivative(const Expr &x) {
  constexpr float end = 5.4f;
  static const float p[] = {0.131200284f,   -0.0673125461f,  0.0557373017f,  -0.0567808859f,
                            0.064050138f,   -0.0724668801f,  0.0772200078f,  -0.0730843246f,
                            0.0601555258f,  -0.0498483069f,  0.0426973887f,  -0.0239193682f,
                            0.00522835506f, -0.00571348239f, 0.00894925091f, -0.00351971411f};
  Expr inside = 0.5f + polynomial(p, x * x * (2 / (end * end)) - 1.0f) * x;
  return select(x >= end, 1.0f, select(x <= -end, 0.0f, inside));
}

// The rational approximation of Eigen and XLA: odd degree 13 over even degree 6 on [-7.9, 7.9].
Expr fastTanh(const Expr &x) {
  constexpr float end = 7.90531110763549805f;
  static const float p[] = {4.89352455891786e-03f, 6.37261928875436e-04f,  1.48572235717979e-05f,
                            5.12229709037114e-08f, -8.60467152213735e-11f, 2.00018790482477e-13f,
                            -2.76076847742355e-16f};
  static const float q[] = {4.89352518554385e-03f, 2.26843463243900e-03f, 1.18534705686654e-04f,
                            1.19825839466702e-06f};
  Expr square = x * x;
  Expr inside = x * polynomial(p, square) / polynomial(q, square);
  return select(x >= end, 1.0f, select(x <= -end, -1.0f, inside));
}

Expr sigmoid(const Expr &x) { return 1.0f / (1.0f + exp(-x)); }

// Taylor's polynomial near zero, where the difference would cancel: its remainder is 1e-7 at -1/2.
Expr fastExpm1(const Expr &x) {
  static const float p[] = {1.0f,       1.0f / 2,   1.0f / 6,    1.0f / 24,
                            1.0f / 120, 1.0f / 720, 1.0f / 5040, 1.0f / 40320};
  return select(x > -0.5f, polynomial(p, x) * x, exp(x) - 1.0f);
}

// The hardware's approximation (12 bits) and one Newton step towards the root itself. On a Xeon
// at 2.5 GHz the exact root and quotient of nadam cost 22 cycles per AVX-512 vector in the divider,
// this root and an exact quotient
// 10. The bound keeps zeros (dead inputs have no gradient) and the step's residual out of the
// denormals, which cost a microcode assist each.
Expr fastSqrt(const Expr &x) {
  Expr bounded = max(x, 1e-28f);
  Expr inverse = fast_inverse_sqrt(bounded);
  Expr root = bounded * inverse;
  return root + (0.5f * inverse) * (bounded - root * root);
}

std::vector<Expr> threefryKeys(const Expr &key0, const Expr &key1, const Expr &counter1) {
  const Expr keys[3] = {key0, key1, Expr(uint32_t(0x1BD11BDA)) ^ key0 ^ key1};
  std::vector<Expr> added{key0, counter1 + key1};
  for (int injection = 1; injection <= 3; ++injection) {
    added.push_back(keys[injection % 3]);
    added.push_back(keys[(injection + 1) % 3] + Expr(uint32_t(injection)));
  }
  return added;
}

Expr threefry(const Expr &counter0, const std::function<Expr(int)> &key) {
  static const int rotations[8] = {13, 15, 26, 6, 17, 29, 16, 24};
  Expr x0 = counter0 + key(0), x1 = key(1);
  for (int round = 0; round < 13; ++round) {
    x0 = x0 + x1;
    const int left = rotations[round % 8];
    x1 = ((x1 << Expr(uint32_t(left))) | (x1 >> Expr(uint32_t(32 - left)))) ^ x0;
    if (round % 4 == 3) {
      const int injection = (round + 1) / 4;
      x0 = x0 + key(2 * injection);
      x1 = x1 + key(2 * injection + 1);
    }
  }
  return x0;
}

} // namespace weir::kernels
