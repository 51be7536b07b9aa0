namespace InferenceRuntime.Execution.Devices;

/// <summary>Who tells which GPUs there are. Thread safe.</summary>
internal interface IDeviceSource
{
    /// <summary>Asks the driver. Takes up to a second where it has to wake a GPU; never throws for what it does not find.</summary>
    DeviceReading Read();
}
