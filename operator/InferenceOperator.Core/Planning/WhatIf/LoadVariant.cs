using InferenceOperator.Core.Estimation;

namespace InferenceOperator.Core.Planning.WhatIf;

/// <summary>Another form of the model that may answer for good.</summary>
/// <param name="Name">Not <c>full</c>, which is the model itself.</param>
/// <param name="Service">s(b), taken as well known.</param>
/// <param name="Accuracy">Relative to the model itself; null: not known.</param>
public sealed record LoadVariant(string Name, ServiceTime Service, double? Accuracy);
