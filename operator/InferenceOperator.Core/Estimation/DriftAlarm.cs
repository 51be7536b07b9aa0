using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Estimation;

/// <summary>Two-sided CUSUM on how far the executions of a step lie from what is known, in standard deviations.</summary>
/// <remarks>
/// Slack 1, threshold 10: a lasting change of a few deviations is found in three steps or a few more. It takes at least
/// <see cref="StepsMin"/> steps whose middle one agrees, so that outliers do not pass for a change.
/// </remarks>
internal sealed class DriftAlarm
{
    private const double Slack = 1;
    private const double Threshold = 10;

    /// <summary>One step counts at most so much.</summary>
    private const double ScoreMax = 6;

    /// <summary>Steps and executions that have to speak for a change.</summary>
    private const int StepsMin = 3;
    private const double ExecutionsMin = 5;

    /// <summary>Steps of which the ratio is kept; a suspicion that lasts longer keeps its last ones.</summary>
    private const int StepsMax = 15;

    /// <summary>A curve is a model: its mean is not expected to be nearer than this share.</summary>
    private const double ModelError = 0.03;

    private readonly Queue<(double Ratio, double Executions)> _suspects = new();
    private double _above;
    private double _below;

    /// <summary>True while the last steps lay off and may be the begin of a change.</summary>
    public bool Suspects => _suspects.Count > 0;

    /// <summary>How far a step of at least one execution lies off, in standard deviations: of its noise, of the estimate, and of the model's own error.</summary>
    public static double Score(ServiceTime known, ExecutionSums step)
    {
        var batch = Math.Max(1, step.Rows / step.Count);
        var expected = known.Mean(batch);
        var estimate = known.Deviation(batch) / expected;
        return ((step.Seconds / step.Count) - expected) / (expected * Math.Sqrt((ModelError * ModelError) + (estimate * estimate) + (known.RelativeNoise * known.RelativeNoise / step.Count)));
    }

    /// <summary>Takes one step. The factor by which the service time has changed, when it has; that resets the alarm.</summary>
    public double? Change(ServiceTime known, ExecutionSums step)
    {
        var score = Math.Clamp(Score(known, step), -ScoreMax, ScoreMax);
        _above = Math.Max(0, _above + score - Slack);
        _below = Math.Max(0, _below - score - Slack);
        if (_above == 0 && _below == 0)
        {
            _suspects.Clear();
            return null;
        }

        _suspects.Enqueue((step.Seconds / (step.Count * known.Mean(Math.Max(1, step.Rows / step.Count))), step.Count));
        if (_suspects.Count > StepsMax)
        {
            _suspects.Dequeue();
        }

        if (Math.Max(_above, _below) < Threshold || _suspects.Count < StepsMin || _suspects.Sum(s => s.Executions) < ExecutionsMin)
        {
            return null;
        }

        var ratio = _suspects.Select(s => s.Ratio).Order().ElementAt(_suspects.Count / 2);
        if (Math.Abs(ratio - 1) <= 2 * ModelError)
        {
            return null;
        }

        _suspects.Clear();
        _above = _below = 0;
        return ratio;
    }
}
