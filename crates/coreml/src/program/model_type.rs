//! What kind of model a model file holds.

use std::fmt;

use crate::spec::model::Type;

/// The kind of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelType {
    /// An ML Program.
    MlProgram,
    /// Models one after the other; the name says which of the three forms.
    Pipeline(&'static str),
    /// Layers from before ML Programs; the name says which of the three forms.
    NeuralNetwork(&'static str),
    /// Anything else that is read and not looked into, by name.
    Other(&'static str),
    /// A kind that nothing can be said about without Apple's or the application's code, by name.
    Closed(&'static str),
}

impl ModelType {
    /// The kind of a decoded model.
    pub(super) fn of(model: &Type) -> Self {
        match model {
            Type::MlProgram(_) => Self::MlProgram,
            Type::PipelineClassifier(_) => Self::Pipeline("pipelineClassifier"),
            Type::PipelineRegressor(_) => Self::Pipeline("pipelineRegressor"),
            Type::Pipeline(_) => Self::Pipeline("pipeline"),
            Type::NeuralNetworkRegressor(_) => Self::NeuralNetwork("neuralNetworkRegressor"),
            Type::NeuralNetworkClassifier(_) => Self::NeuralNetwork("neuralNetworkClassifier"),
            Type::NeuralNetwork(_) => Self::NeuralNetwork("neuralNetwork"),
            Type::GlmRegressor(_) => Self::Other("glmRegressor"),
            Type::SupportVectorRegressor(_) => Self::Other("supportVectorRegressor"),
            Type::TreeEnsembleRegressor(_) => Self::Other("treeEnsembleRegressor"),
            Type::BayesianProbitRegressor(_) => Self::Other("bayesianProbitRegressor"),
            Type::GlmClassifier(_) => Self::Other("glmClassifier"),
            Type::SupportVectorClassifier(_) => Self::Other("supportVectorClassifier"),
            Type::TreeEnsembleClassifier(_) => Self::Other("treeEnsembleClassifier"),
            Type::KNearestNeighborsClassifier(_) => Self::Other("kNearestNeighborsClassifier"),
            Type::ItemSimilarityRecommender(_) => Self::Other("itemSimilarityRecommender"),
            Type::ClassConfidenceThresholding(_) => Self::Other("classConfidenceThresholding"),
            Type::OneHotEncoder(_) => Self::Other("oneHotEncoder"),
            Type::Imputer(_) => Self::Other("imputer"),
            Type::FeatureVectorizer(_) => Self::Other("featureVectorizer"),
            Type::DictVectorizer(_) => Self::Other("dictVectorizer"),
            Type::Scaler(_) => Self::Other("scaler"),
            Type::CategoricalMapping(_) => Self::Other("categoricalMapping"),
            Type::Normalizer(_) => Self::Other("normalizer"),
            Type::ArrayFeatureExtractor(_) => Self::Other("arrayFeatureExtractor"),
            Type::NonMaximumSuppression(_) => Self::Other("nonMaximumSuppression"),
            Type::Identity(_) => Self::Other("identity"),
            Type::TextClassifier(_) => Self::Other("textClassifier"),
            Type::WordTagger(_) => Self::Other("wordTagger"),
            Type::VisionFeaturePrint(_) => Self::Other("visionFeaturePrint"),
            Type::SoundAnalysisPreprocessing(_) => Self::Other("soundAnalysisPreprocessing"),
            Type::Gazetteer(_) => Self::Other("gazetteer"),
            Type::WordEmbedding(_) => Self::Other("wordEmbedding"),
            Type::AudioFeaturePrint(_) => Self::Other("audioFeaturePrint"),
            Type::CustomModel(_) => Self::Closed("customModel"),
            Type::LinkedModel(_) => Self::Closed("linkedModel"),
            Type::SerializedModel(_) => Self::Closed("serializedModel"),
        }
    }

    /// The name in the specification: `mlProgram`, `pipeline`, `neuralNetwork`, …
    pub fn name(self) -> &'static str {
        match self {
            Self::MlProgram => "mlProgram",
            Self::Pipeline(name)
            | Self::NeuralNetwork(name)
            | Self::Other(name)
            | Self::Closed(name) => name,
        }
    }
}

impl fmt::Display for ModelType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
