using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Estimation;

/// <summary>Two-sided CUSUM on how far the executions of a step lie from the fitted line, in standard deviations.</summary>
/// <remarks>Slack 1, threshold 10: a lasting change of a few deviations is found in some steps, a single outlier is not.</remarks>
internal sealed class DriftAlarm
{
    private const double Slack = 1;
    private const double Threshold = 10;

    /// <summary>One step counts at most so much: an outlier alone does not alarm.</summary>
    private const double ScoreMax = 6;

    /// <summary>A line is a model: its mean is not expected to be nearer than this share.</summary>
    private const double ModelError = 0.03;

    private double _above;
    private double _below;

    /// <summary>Takes one step of executions, at least one; true resets the alarm.</summary>
    public bool Alarms(ServiceTime.Fitted fit, ExecutionSums step)
    {
        var expected = (fit.Fixed * step.Count) + (fit.PerRow * step.Rows);
        if (!(expected > 0))
        {
            return false;
        }

        var deviation = expected * Math.Sqrt((ModelError * ModelError) + (fit.RelativeNoise * fit.RelativeNoise / step.Count));
        var score = Math.Clamp((step.Seconds - expected) / deviation, -ScoreMax, ScoreMax);
        _above = Math.Max(0, _above + score - Slack);
        _below = Math.Max(0, _below - score - Slack);
        if (_above < Threshold && _below < Threshold)
        {
            return false;
        }

        _above = _below = 0;
        return true;
    }
}
